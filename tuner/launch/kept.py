"""What was launched for a study, in a file beside it: the next command finds the workers again."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from tuner.errors import TunerError
from tuner.launch.engine import Launch

_NAME = "launches.json"


def launches(folder: Path) -> list[Launch]:
    """Of the study whose folder it is, the first one first."""
    path = folder / _NAME
    if not path.exists():
        return []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return [Launch(**{**each, "ids": tuple(each["ids"])}) for each in found]
    except (ValueError, TypeError, KeyError):
        raise TunerError(f"{path} cannot be read: it is not as 'tuner launch' wrote it") from None


def add(folder: Path, launch: Launch) -> None:
    """Keep one more."""
    _write(folder, [*launches(folder), launch])


def forget(folder: Path, ended: Sequence[Launch]) -> None:
    """Keep these no longer."""
    _write(folder, [each for each in launches(folder) if each not in ended])


def _write(folder: Path, found: Sequence[Launch]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _NAME
    new = path.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n", encoding="utf-8")
    new.replace(path)
