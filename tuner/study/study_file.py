"""Find and read a study file, and lay the command line over it."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuner import DEFAULT_STUDY
from tuner.data import DATASETS
from tuner.errors import UsageError
from tuner.models import MODELS
from tuner.study.definition import STUDY_NAME, StudyDefinition
from tuner.study.folder import STUDIES

_BUNDLED = [Path(__file__).parents[n] / STUDIES for n in (1, 2)]
"""Inside an installed package, and beside it in a clone."""

FILES = ("data", "model", "table.validation", "table.test", "training.test_rows")
"""What may name a file."""


def read(
    study: str | None, flags: Mapping[str, Any], source: str = "command line"
) -> StudyDefinition | None:
    """The definition of a study file (default: noisy_digits) with `flags` laid over it.

    The space of the default study is for its own model: another model brings its own.

    `study` is a name under studies/ (the current folder's, then the bundled ones) or a path.
    Files that it names are beside it, or else in the current folder. None where there is no such
    study. Raises UsageError naming the file and the key.
    """
    path = find(study or DEFAULT_STUDY)
    if path is None:
        return None
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise UsageError(f"{path}: is nested too deeply for a study file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    named = path.stem if study else _name_for(flags, path.stem)
    own_name = DEFAULT_STUDY if flags.get("name") else named  # a name that is given is laid over it
    if "name" in table:
        raise UsageError(f"{path}: unknown key 'name': a study is named by its file, or by --name")
    if study is None and "model" in flags:
        table.pop("space", None)
    definition = StudyDefinition.parse({"name": own_name} | table, str(path))
    return override(override(definition, _beside(definition, path.parent)), flags, source)


def override(
    definition: StudyDefinition, flags: Mapping[str, Any], source: str = "command line"
) -> StudyDefinition:
    """Lay values of a `source` by dotted keys, e.g. `training.epochs`, over a definition."""
    table = definition.to_table()
    for key, given in flags.items():
        value = _at_home(given) if key in FILES and isinstance(given, str) else given
        *parents, last = key.split(".")
        target = table
        for parent in parents:
            target = target.setdefault(parent, {})
        target[last] = value
    return StudyDefinition.parse(table, source)


def _beside(definition: StudyDefinition, folder: Path) -> dict[str, str]:
    """The files that a study names, where they are beside its own, as seen from here."""
    found = {}
    for key in FILES:
        parent, _, name = key.rpartition(".")
        value = getattr(getattr(definition, parent) if parent else definition, name)
        if value is None or value in (*DATASETS, *MODELS) or ":" in value:
            continue
        path = folder / Path(value).expanduser()
        if path.exists() and not (path / "study.toml").exists():  # the results of a study
            found[key] = str(path) if path.is_absolute() else os.path.relpath(path)
    return found


def _at_home(value: str) -> str:
    return str(Path(value).expanduser()) if value.startswith("~") else value


def names() -> list[str]:
    """The studies that can be named, from the current folder and the bundled ones."""
    return sorted({path.stem for folder in [STUDIES, *_BUNDLED] for path in folder.glob("*.toml")})


def find(study: str) -> Path | None:
    """The file of a study: a path that ends in .toml, or a name under studies/."""
    if study.endswith(".toml"):
        if not Path(study).is_file():
            raise UsageError(f"{study}: no such study file")
        return Path(study)
    if not STUDY_NAME.fullmatch(study):
        raise UsageError(f"{study!r} is no study name (and no path to a .toml file)")
    files = (folder / f"{study}.toml" for folder in [STUDIES, *_BUNDLED])
    return next((file for file in files if file.is_file()), None)


def _name_for(flags: Mapping[str, Any], default: str) -> str:
    """Without STUDY, other data or another model is another study: name it after them."""
    parts = [stem(flags["data"]) if "data" in flags else default]
    if "model" in flags:
        parts.append(stem(flags["model"]))
    return "-".join(parts)


def stem(reference: str) -> str:
    """What a study of such data, or of such a model, is called."""
    if ":" in reference and not Path(reference).exists():
        name = reference.partition(":")[0].removesuffix(".pickle").rpartition(".")[2]
    else:
        name = Path(reference).stem
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return stem.lstrip("._-")[:50] or "data"
