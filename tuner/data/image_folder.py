"""A folder of images as Keras has it: class/*.jpg, perhaps in train/, validation/ and test/."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tuner.data._raw import PARTS, RawData
from tuner.data.images import KINDS, SUFFIXES, Images, decoded
from tuner.data.parting import end_of
from tuner.data.settings import TableSettings
from tuner.errors import UsageError, listed

_UNREAD = (".webp", ".tif", ".tiff", ".heic", ".avif", ".jp2", ".ppm", ".pgm")
"""Images that TensorFlow does not decode."""

_LOOK = 10_000
"""Files without an image after which a folder is none of images: it may be a whole disk."""

_LAYOUT = "expected CLASS/*.jpg (or .png, .bmp, .gif), or such folders in train/ and test/"


def is_image_folder(path: Path) -> bool:
    """Whether a folder has images in its folders, or in theirs, among the first files there."""
    if not path.is_dir():
        return False
    found = (name for folder in _folders(path) for _, name in _files(folder))
    return any(map(_is_image, itertools.islice(found, _LOOK)))


def read_images(path: Path, settings: TableSettings) -> RawData:
    """The images of a folder, of the classes that their folders are named after.

    Folders train, validation and test are parts. Raises UsageError where that is not what it holds.
    """
    notes: list[str] = []
    parts = {end: _of_part(folder, notes) for end, folder in _parts(path).items()}
    files = [Path(name) for part in parts.values() for name in part.names]
    state = [(file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    raw = decoded(
        str(path.resolve()), parts, lambda: (file.read_bytes() for file in files), state, settings
    )
    return replace(raw, notes=(*raw.notes, *notes))


def _parts(path: Path) -> dict[str, Path]:
    """The folders of classes by the part that they are; a class may be called train too."""
    ends = {folder: end_of(folder.name) for folder in _folders(path)}
    if not any(end == "" and not _has_images(folder) for folder, end in ends.items()):
        return {"": path}
    for folder, end in ends.items():
        if end is None:
            raise UsageError(f"{folder}: is beside train/, and neither validation/ nor test/")
        if list(ends.values()).count(end) > 1:
            raise UsageError(f"{folder}: is there twice under two names")
    return {end: folder for part in PARTS for folder, end in ends.items() if end == part}


def _of_part(folder: Path, notes: list[str]) -> Images:
    """All images of a folder of classes, in the order of their names."""
    names, classes, others = [], [], list[str]()
    if _has_images(folder):
        raise UsageError(f"{folder}: has images in no folder of a class: {_LAYOUT}")
    for each in _folders(folder):
        for path, file in _files(each):
            name = str(Path(path) / file)
            if file.lower().endswith(_UNREAD):
                raise UsageError(f"{name}: is no {KINDS}, which are read")
            if _is_image(file):
                names.append(name)
                classes.append(each.name)
            else:
                others.append(name)
    if not names:
        raise UsageError(f"{folder}: no images: {_LAYOUT}")
    if others:
        notes.append(f"{len(others)} files that are no images are left out: {listed(others, 3)}")
    return Images(names, classes)


def _folders(path: Path) -> list[Path]:
    hidden = (".", "__")
    return sorted(
        each for each in path.iterdir() if each.is_dir() and not each.name.startswith(hidden)
    )


def _has_images(folder: Path) -> bool:
    return any(_is_image(each.name) for each in folder.iterdir())


def _files(path: Path) -> Iterator[tuple[str, str]]:
    """(folder, name) of all files that are not hidden, in the order of their names."""
    for folder, folders, files in os.walk(path, followlinks=True):
        folders.sort()
        yield from ((folder, name) for name in sorted(files) if not name.startswith("."))


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)
