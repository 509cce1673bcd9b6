"""Check the installation and the store, a line each."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import optuna
import tensorflow as tf
from sqlalchemy.engine import make_url

from tuner import study_file
from tuner.errors import TunerError
from tuner.storage.opening import masked, open_storage
from tuner.study import check_names, versions

_MIN_FREE = 500 * 2**20


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and whether it is as it should be."""

    what: str
    ok: bool
    found: str


def examine(url: str) -> list[Check]:
    """Look at Python, the packages, the devices, the study files, the store and the disk."""
    return [
        Check("python", sys.version_info[:2] >= (3, 11), sys.version.split()[0]),
        Check("packages", True, ", ".join(f"{k} {v}" for k, v in versions().items())),
        Check("backend", keras.backend.backend() == "tensorflow", keras.backend.backend()),
        Check("devices", True, ", ".join(d.device_type for d in tf.config.list_physical_devices())),
        _try("study files", _study_files),
        _try("store", lambda: _store(url)),
        _disk(url),
    ]


def _try(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, True, look())
    except TunerError as error:
        return Check(what, False, str(error))


def _study_files() -> str:
    for name in study_file.names():
        definition = study_file.read(name, {})
        if definition is not None:
            check_names(definition)
    return ", ".join(study_file.names())


def _store(url: str) -> str:
    studies = optuna.get_all_study_summaries(open_storage(url))
    return f"{masked(url)}: {len(studies)} studies"


def _disk(url: str) -> Check:
    parsed = make_url(url)
    path = Path(parsed.database or ".").parent if parsed.drivername.startswith("sqlite") else Path()
    if not path.is_dir():
        path = Path()
    free = shutil.disk_usage(path).free
    return Check("disk", free > _MIN_FREE, f"{free / 2**30:.1f} GiB free at {path.resolve()}")
