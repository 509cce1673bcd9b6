"""What a study needs beside the store: found where it is made, put in place where it is run."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tuner import importer
from tuner.data.cache import folder_of_cache
from tuner.errors import UsageError
from tuner.storage.optuna_objects import StoredStudy
from tuner.study import bundle
from tuner.study.definition import StudyDefinition

_OURS = Path(__file__).parent.parent
_INSTALLED = ("site-packages", "dist-packages")


def files_of(definition: StudyDefinition, root: Path) -> Iterator[Path]:
    """The files that a definition names, and the modules that were imported from under `root`.

    Raises UsageError where it names one by an absolute path, which is another one elsewhere.
    """
    if definition.training.callbacks:
        importer.load(definition.training.callbacks)
    for text in _texts(definition.to_table()):
        path = Path(text.partition(f"{importer.KEPT}:")[0] + importer.KEPT)
        path = path if f"{importer.KEPT}:" in text else Path(text)
        if path.is_absolute() and path.exists():
            raise UsageError(f"--bundle: {path} would not be found elsewhere: name it from {root}")
        if path.is_dir():
            yield from (each for each in path.rglob("*") if each.is_file())
        elif path.is_file():
            yield path
    for module in list(sys.modules.values()):
        origin = getattr(module, "__file__", None)
        if origin and origin.endswith(".py") and _is_users(Path(origin), root):
            yield Path(origin)


def _is_users(path: Path, root: Path) -> bool:
    installed = path.is_relative_to(sys.prefix) or any(part in path.parts for part in _INSTALLED)
    return path.is_relative_to(root) and not installed and not path.is_relative_to(_OURS)


def _texts(table: Any) -> Iterator[str]:
    if isinstance(table, Mapping):
        for value in table.values():
            yield from _texts(value)
    elif isinstance(table, str) and re.search(r"[./\\]", table):
        yield table


def in_place(
    study: StoredStudy[Any], definition: StudyDefinition, *, is_trusted: bool
) -> StudyDefinition:
    """The definition with the paths that its bundle has here, and its modules where they are found.

    Raises UsageError where code from the store is not trusted, or another study has brought
    a module of the same name.
    """
    digest = bundle.digest_of(study)
    if digest is None:
        return definition
    if not is_trusted:
        raise UsageError(
            f"study {study.study_name!r} brings its code in a bundle: --unpack has it run here"
        )
    folder = bundle.unpack(study, digest, folder_of_cache())
    _refuse_others(folder)
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return StudyDefinition.parse(
        _located(definition.to_table(), folder), f"study {study.study_name!r}"
    )


def _refuse_others(folder: Path) -> None:
    """A module of this name that is there already would be taken for that of the bundle."""
    names = {path.name.removesuffix(".py") for path in folder.iterdir()}
    for name in names & set(sys.modules):
        origin = getattr(sys.modules[name], "__file__", None)
        if origin is not None and not Path(origin).is_relative_to(folder):
            raise UsageError(
                f"module {name!r} of the bundle is here already, from {origin}: run a worker for"
                " this study alone"
            )


def _located(table: Any, folder: Path) -> Any:
    if isinstance(table, Mapping):
        return {key: _located(value, folder) for key, value in table.items()}
    if isinstance(table, str) and not Path(table).is_absolute():
        path = folder / table.partition(f"{importer.KEPT}:")[0]
        kept = folder / (table.partition(f"{importer.KEPT}:")[0] + importer.KEPT)
        if f"{importer.KEPT}:" in table and kept.is_file():
            return str(folder / table)
        if re.search(r"[./\\]", table) and path.exists():
            return str(path)
    return table
