"""Files of images as arrays of bytes, decoded by TensorFlow."""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import joblib
import numpy as np
import tensorflow as tf

from tuner.data.cache import Create
from tuner.data.images import KINDS, Contents, Size
from tuner.errors import UsageError

_AT_ONCE = 256
_COLOUR = 3
_GREY = (1, 2)
_SAID = {
    "grey": "{} grey images among coloured ones get three equal channels",
    "clear": "{} images lose their transparency, which others do not have",
    "resized": "{} images are resized, without regard to their proportions",
}


class _MixedError(Exception):
    """Images have different numbers of channels."""


def decode(
    names: Sequence[str], contents: Contents, size: Size | None, create: Create
) -> list[str]:
    """Fill an array [n, height, width, channels] of bytes; what was done to them, a line each.

    `contents()` gives the files of the images `names`. All get `size`, or have that of the first;
    grey ones among coloured ones become coloured. Raises UsageError by the name of the first that
    is no image, or has another size.
    """
    try:
        done = _fill(names, contents(), size, create, None)
    except _MixedError:
        done = _fill(names, contents(), size, create, _COLOUR)
    return [text.format(done[key]) for key, text in _SAID.items() if done[key]]


def _fill(
    names: Sequence[str],
    contents: Iterator[bytes],
    size: Size | None,
    create: Create,
    channels: int | None,
) -> Counter[str]:
    start = next(contents)
    first = _decoded(names[0], start).shape
    shape = (*(size or first[:2]), channels or first[2])
    out, done = create((len(names), *shape), "uint8"), Counter[str]()

    def put(n: int, content: bytes) -> set[str]:
        image, what = _decoded(names[n], content), set()
        if image.shape[:2] != shape[:2]:
            if size is None:
                raise UsageError(_of_another_size(names[0], first, names[n], image.shape))
            image = _resized(image, size)
            what.add("resized")
        if image.shape[2] != shape[2]:
            if channels is None:
                raise _MixedError
            image, how = _coloured(image)
            what.add(how)
        out[n] = image
        return what

    numbered = enumerate(itertools.chain([start], contents))
    with ThreadPoolExecutor(joblib.cpu_count()) as pool:
        while some := list(itertools.islice(numbered, _AT_ONCE)):
            for what in pool.map(lambda each: put(*each), some):
                done.update(what)
    out.flush()
    return done


def _decoded(name: str, content: bytes) -> Any:
    """An image [height, width, channels]; of one that moves its first."""
    try:
        return tf.io.decode_image(content, expand_animations=False).numpy()
    except tf.errors.InvalidArgumentError:
        raise UsageError(f"{name}: is no image, or a damaged one (expected {KINDS})") from None


def _coloured(image: Any) -> tuple[Any, str]:
    if image.shape[2] in _GREY:
        return np.repeat(image[..., :1], _COLOUR, axis=2), "grey"
    return image[..., :_COLOUR], "clear"


def _resized(image: Any, size: Size) -> Any:
    floats = tf.image.resize(image, size, antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(floats), 0, 255), tf.uint8).numpy()


def _of_another_size(name: str, shape: Sequence[int], other: str, found: Sequence[int]) -> str:
    size = f"{shape[0]}x{shape[1]}"
    return (
        f"{other}: has {found[0]}x{found[1]} pixels (height x width), {name} {size}:"
        f" --image-size {size} resizes all"
    )
