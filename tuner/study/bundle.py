"""The files of a study in the store: packed where it is made, unpacked where its trials run.

They are the attributes of the one trial of a study beside it, which nobody reads but who unpacks.
"""

import base64
import hashlib
import io
import os
import secrets
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import create_trial

from tuner.errors import StoreError, UsageError
from tuner.storage.enqueue import enqueue
from tuner.storage.optuna_objects import StoredStudy, WorkerStudy
from tuner.study import attrs
from tuner.study.studies import load_study

MOST = 20 * 1024**2
"""Bytes that a bundle may have."""

_CHUNK = 512 * 1024
_SUFFIX = "/bundle"


def name_of(study: str) -> str:
    """The name of the study that has the bundle of a study, and of its comparisons."""
    return study.partition("/")[0] + _SUFFIX


def is_one(study: str) -> bool:
    """Whether it is no study, but has the bundle of one."""
    return study.endswith(_SUFFIX)


def pack(files: Iterable[Path], root: Path) -> bytes:
    """The files, all under `root`, as a ZIP archive; the same files are the same bytes.

    Raises UsageError where one lies elsewhere, or all together are too large.
    """
    packed = io.BytesIO()
    sizes: dict[str, int] = {}
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted({path.resolve() for path in files}):
            if not path.is_relative_to(root):
                raise UsageError(
                    f"--bundle: {path} is outside {root}: no worker would find it there"
                )
            name = path.relative_to(root).as_posix()
            sizes[name] = path.stat().st_size
            if sum(sizes.values()) > 10 * MOST:
                break
            archive.writestr(zipfile.ZipInfo(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    if packed.tell() > MOST or sum(sizes.values()) > 10 * MOST:
        largest = max(sizes, key=lambda name: sizes[name])
        raise UsageError(
            f"--bundle: its files are more than {MOST >> 20} MB packed, the largest is {largest}"
            f" ({sizes[largest] >> 20} MB): have them on all machines, at the same path"
        )
    return packed.getvalue()


def put(study: WorkerStudy, packed: bytes) -> None:
    """Keep a bundle with its study. Raises StoreError where the study has another one."""
    digest, had = hashlib.sha256(packed).hexdigest(), attrs.BUNDLE.of(study.user_attrs)
    if had == digest:
        return
    if had is not None:
        raise StoreError(
            f"study {study.study_name!r} was made with other files than --bundle would take now:"
            " give --name to start another"
        )
    pieces = [packed[start : start + _CHUNK] for start in range(0, len(packed), _CHUNK)]
    texts = {f"{digest}.{n:04}": base64.b64encode(piece).decode() for n, piece in enumerate(pieces)}
    name = name_of(study.study_name)
    optuna.create_study(study_name=name, storage=study.store, load_if_exists=True)
    beside = load_study(name, study.store)
    trial = create_trial(state=optuna.trial.TrialState.WAITING, user_attrs=texts)
    enqueue(study.store.database, beside.id, lambda *_: [trial])
    attrs.BUNDLE.set(study, digest)


def digest_of(study: StoredStudy[Any]) -> str | None:
    """The SHA-256 of the bundle of a study, or of the one that a comparison is of."""
    name = study.study_name.partition("/")[0]
    owner = study if name == study.study_name else load_study(name, study.store)
    return attrs.BUNDLE.of(owner.user_attrs)


def unpack(study: StoredStudy[Any], digest: str, cache: Path) -> Path:
    """The folder in `cache` with the files of a bundle, which only its owner may write to.

    Raises StoreError where what the store has is not what was packed.
    """
    folder = cache / "bundles" / digest
    folder.parent.mkdir(0o700, parents=True, exist_ok=True)
    if not folder.exists():
        packed = _packed(load_study(name_of(study.study_name), study.store), digest)
        new = folder.with_name(f"{digest}.{secrets.token_hex(4)}")
        new.mkdir(0o700)
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            archive.extractall(new)
        try:
            new.rename(folder)
        except OSError:  # another process was faster
            shutil.rmtree(new)
    found = folder.stat()
    if found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise StoreError(f"{folder} can be written by others: remove it, or set XDG_CACHE_HOME")
    return folder


def _packed(beside: StoredStudy[BaseStorage], digest: str) -> bytes:
    for trial in beside.get_trials(deepcopy=False):
        keys = sorted(key for key in trial.user_attrs if key.startswith(digest))
        packed = b"".join(base64.b64decode(trial.user_attrs[key]) for key in keys)
        if hashlib.sha256(packed).hexdigest() == digest:
            return packed
    raise StoreError(f"{beside.study_name}: the bundle is damaged, or is not the one of its study")
