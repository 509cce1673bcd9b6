"""What a finished search has written: it is not written again while nothing has changed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuner import __version__
from tuner.data import DATASETS
from tuner.storage import glance, keys
from tuner.storage.glance import Rest
from tuner.study.definition import StudyDefinition
from tuner.study.folder import folder_of

_N_ASKED = 8
"""So many ways to ask for one search are remembered."""


@dataclass(frozen=True)
class Written:
    """The files of a finished search, its `models` too; digests of what it was `asked` for."""

    rest: Rest
    drawn: Sequence[Path]
    models: Sequence[Path]
    asked: Sequence[str]

    def has(self, definition: StudyDefinition) -> bool:
        """Whether it has all trials that are asked for."""
        return self.rest.finished >= definition.search.trials

    def report(self, study: str) -> Path | None:
        """The report, if it is newer than all trials, those of comparisons too."""
        path = folder_of(study) / "report.html"
        return path if _is_newer(path, self.rest.at_last) else None


def written(study: str, url: str) -> Written | None:
    """What a search has written, by this version; None unless all is there and newer than it."""
    rest = glance.at_rest(study, url)
    noted = None if rest is None else rest.kept.get(keys.WRITTEN)
    if rest is None or noted is None or rest.waiting or noted["version"] != __version__:
        return None
    drawn, models = ([Path(name) for name in noted[kind]] for kind in ("files", "models"))
    is_there = all(_is_newer(path, rest.ended) for path in drawn)
    if not is_there or not all(path.is_file() for path in models):
        return None
    if noted.get("tables") != _tables(study, drawn):
        return None
    return Written(rest, drawn, models, noted["asked"])


def note(
    study: str, url: str, asked: str | None, files: Sequence[Path], models: Sequence[Path]
) -> None:
    """Have the store remember what was written of a search; `models` may be older than its end."""
    rest = glance.at_rest(study, url)
    if rest is None:
        return
    before = rest.kept.get(keys.WRITTEN, {}).get("asked", [])
    known = dict.fromkeys([*before, *([] if asked is None else [asked])])
    document = {
        "version": __version__,
        "files": [str(path) for path in files],
        "models": [str(path) for path in models],
        "tables": _tables(study, files),
        "asked": [*known][-_N_ASKED:],
    }
    if document != rest.kept.get(keys.WRITTEN):
        glance.keep(url, rest.study_id, keys.WRITTEN, document)


def digest_of(definition: StudyDefinition) -> str | None:
    """Of all that a definition says, and of the files that it names, by their size and time.

    None where the data may be others tomorrow: those of a function, or of a folder.
    """
    table, rows = definition.table, definition.training.test_rows
    named = (definition.data, table.validation, table.test, rows)
    sources = [_source(name) for name in named if name is not None]
    if None in sources:
        return None
    said = [definition.to_table(), sources, _source(definition.model)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _tables(study: str, files: Sequence[Path]) -> dict[str, str | None]:
    """The tables by size and time: others stand there once a study of this name wrote its own.

    Plots are left out, which a comparison draws anew.
    """
    folder = folder_of(study)
    return {str(path): _source(str(path)) for path in files if path.parent == folder}


def _source(name: str) -> str | None:
    path = Path(name)
    if path.is_file():
        found = path.stat()
        return f"{found.st_size} {found.st_mtime_ns}"
    return name if name in DATASETS and not path.exists() else None


def _is_newer(path: Path, ended: datetime | None) -> bool:
    """Whether a file was written after the last trial ended; Optuna has local time."""
    if ended is None or not path.is_file():
        return False
    return datetime.fromtimestamp(path.stat().st_mtime) >= ended
