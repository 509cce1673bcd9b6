"""Handwritten digits whose training labels are wrong in places: 40 % of them are drawn anew.

The rows to judge on keep theirs. A wide network learns the wrong labels by heart, unless dropout
keeps it from doing so.
"""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import scale


def load() -> dict[str, tf.data.Dataset]:
    """Rows [64] of train (1,000), validation (398) and test part (399)."""
    x, y = load_digits(return_X_y=True)
    x = scale(x).astype("float32")
    x, x_rest, y, y_rest = _split(x, y, 1000)
    x_val, x_test, y_val, y_test = _split(x_rest, y_rest, 398)
    rng = np.random.default_rng(0)
    wrong = rng.random(len(y)) < 0.4
    y[wrong] = rng.integers(10, size=wrong.sum())
    parts = {"train": (x, y), "validation": (x_val, y_val), "test": (x_test, y_test)}
    return {name: tf.data.Dataset.from_tensor_slices(part) for name, part in parts.items()}


def _split(x: np.ndarray, y: np.ndarray, n: int) -> list[np.ndarray]:
    return train_test_split(x, y, train_size=n, stratify=y, random_state=0)
