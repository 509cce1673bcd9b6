"""Labelled images as flat rows of pixels."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tuner import importer
from tuner.data import DATASETS
from tuner.data.files import read

_DIGITS_TEST = 360


@dataclass(frozen=True)
class Images:
    """Pixels [n, pixels] float32 from 0 to 255, and labels [n] int32 of 10 classes."""

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def shape(self) -> tuple[int]:
        """The shape of one row."""
        return (int(self.x_train.shape[1]),)


def load_images(name: str, path: Path | None = None) -> Images:
    """Images by name: from an .npz where a path is given, else by tuner's own loader."""
    raw = importer.load(DATASETS[name])() if path is None else read(path, None)
    if raw.x_test is None or raw.y_test is None:
        raise ValueError(f"{path or name}: expected a test part of its own")
    return Images(name, _rows(raw.x), _labels(raw.y), _rows(raw.x_test), _labels(raw.y_test))


def load_digits() -> Images:
    """The small digits of scikit-learn, for a quick run: the last 360 are the test part."""
    raw = importer.load(DATASETS["digits"])()
    x, y = _rows(raw.x) * np.float32(255 / 16), _labels(raw.y)
    train, test = slice(None, -_DIGITS_TEST), slice(-_DIGITS_TEST, None)
    return Images("digits", x[train], y[train], x[test], y[test])


def _rows(x: Any) -> np.ndarray:
    return np.asarray(x, "float32").reshape(len(x), -1)


def _labels(y: Any) -> np.ndarray:
    return np.asarray(y, "int32").reshape(-1)
