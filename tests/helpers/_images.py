"""Files of tiny images, each kind as TensorFlow writes it; .gif and .bmp by hand."""

import struct

import numpy as np
import tensorflow as tf


def image(value, size=(4, 5), channels=3):
    """Bytes [height, width, channels] of one value."""
    return np.full((*size, channels), value, "uint8")


def png(array):
    return tf.io.encode_png(array).numpy()


def jpg(array):
    return tf.io.encode_jpeg(array, quality=100).numpy()


def bmp(array):
    """24 bits a pixel, rows from the last to the first, filled up to 4 bytes."""
    height, width, _ = array.shape
    rows = [row[:, ::-1].tobytes().ljust(-(-3 * width // 4) * 4, b"\0") for row in array[::-1]]
    body = b"".join(rows)
    sizes = struct.pack("<IHHIIiiHHIIiiII", 54 + len(body), 0, 0, 54, 40, width, height, 1, 24, 0,
                        len(body), 0, 0, 0, 0)  # fmt: skip
    return b"BM" + sizes + body


_ONE = "21f90400000000002c00000000010001000002024{}0100"
GIF = bytes.fromhex(
    "47494638396101000100800000ff00000000ff" + _ONE.format("4") + _ONE.format("c") + "3b"
)
"""Two pictures of 1 x 1: red, then blue."""


def folder(path, files):
    """Files by name, in folders."""
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def classes(n=6, names=("cat", "dog"), **of_images):
    """n images of each class, as .png by name: those of the k-th class have values 10 k + i."""
    return {
        f"{name}/{i}.png": png(image(10 * k + i, **of_images))
        for k, name in enumerate(names)
        for i in range(n)
    }
