"""Images with their classes -> raw data: decoded once, and mapped into memory from a file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tuner import importer
from tuner.data._raw import RawData
from tuner.data.cache import kept
from tuner.data.settings import TableSettings

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
"""Of the images that are decoded."""

KINDS = "jpg, png, bmp or gif"

Contents = Callable[[], Iterator[bytes]]
"""Gives files one after the other, each time anew."""

Size = tuple[int, int]
"""Height and width."""


@dataclass(frozen=True)
class Images:
    """Images of a part: what they are called, and their targets [n]."""

    names: Sequence[str]
    y: Any


def decoded(
    source: str,
    parts: Mapping[str, Images],
    contents: Contents,
    state: Any,
    settings: TableSettings,
) -> RawData:
    """Parts by the ends of their names in RawData, as bytes [n, height, width, channels].

    `contents()` gives the files of all parts in turn; `state` is what they follow from. Raises
    UsageError where one is no image, or they have different sizes and the settings no other.
    """
    names = [name for part in parts.values() for name in part.names]
    size = settings.size_of_images
    array, said = kept(
        f"{source}{settings.image_size or ''}",
        (state, names),
        lambda create: _decode()(names, contents, size, create),
    )
    raw, start = RawData(None, None), 0
    for end, part in parts.items():
        raw = raw.with_part(end, array[start : start + len(part.names)], np.asarray(part.y))
        start += len(part.names)
    n, shape = len(names), " x ".join(map(str, array.shape[1:]))
    notes = [f"{n} images of {shape} bytes, decoded once into {array.filename}", *said]
    if any(name.lower().endswith(".gif") for name in names):
        notes.append("of a .gif the first image is taken")
    return replace(raw, notes=tuple(notes))


def _decode() -> Any:
    """TensorFlow is imported where there is something to decode."""
    return importer.load("tuner.data.keras_images:decode")
