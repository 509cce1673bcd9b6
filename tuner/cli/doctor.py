"""Check the installation and the store, a line each, and mend what can be."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from tuner.errors import TunerError
from tuner.storage import health
from tuner.storage.health import Check
from tuner.storage.url import parse
from tuner.study import study_file
from tuner.study.studies import check_names, versions

_MIN_FREE = 500 * 2**20


def examine(url: str, *, fix: bool = False) -> list[Check]:
    """Look at Python, the packages, the devices, the study files, the store and the disk.

    `fix` hands back the trials of workers that are gone.
    """
    return [
        Check("python", sys.version_info[:2] >= (3, 11), sys.version.split()[0]),
        Check("packages", True, ", ".join(f"{k} {v}" for k, v in versions().items())),
        Check("backend", keras.backend.backend() == "tensorflow", keras.backend.backend()),
        Check("devices", True, ", ".join(d.device_type for d in tf.config.list_physical_devices())),
        _try("study files", _study_files),
        *health.examine(url, fix=fix),
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


def _disk(url: str) -> Check:
    parsed = parse(url)
    path = Path(parsed.database or ".").parent if parsed.drivername.startswith("sqlite") else Path()
    if not path.is_dir():
        path = Path()
    free = shutil.disk_usage(path).free
    return Check("disk", free > _MIN_FREE, f"{free / 2**30:.1f} GiB free at {path.resolve()}")
