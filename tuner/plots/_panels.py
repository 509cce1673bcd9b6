"""A panel a variant over the rate: points, smoothed curve, band."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tuner.plots._drawing import ORANGE
from tuner.plots._plot import Row

Array = NDArray[Any]
_SMOOTHING = 0.12
_MIN_FOR_CURVE = 5
RATE = "Rate (probability of dropping)"


def of_variant(rows: Iterable[Row], variant: str) -> list[Row]:
    """The rows of one variant."""
    return [row for row in rows if row["variant"] == variant]


def columns(rows: Iterable[Row], x: str, y: str) -> tuple[list[float], list[float]]:
    """Two columns, of those rows that have both as finite numbers."""
    pairs = [(row[x], row[y]) for row in rows]
    kept = [(a, b) for a, b in pairs if a is not None and b is not None and math.isfinite(b)]
    return [a for a, _ in kept], [b for _, b in kept]


def draw_smoothed(axes: Axes, rates: Sequence[float], values: Sequence[float]) -> None:
    """A smoothed curve and its band, where there are enough points."""
    if len(set(rates)) < _MIN_FOR_CURVE:
        return
    at = np.linspace(min(rates), max(rates), 100)
    mean, error = smooth(rates, values, at)
    axes.fill_between(at, mean - 2 * error, mean + 2 * error, color=ORANGE, alpha=0.2, lw=0)
    axes.plot(at, mean, color=ORANGE, label="smoothed, ± 2 s.e.")


def smooth(rates: Sequence[float], values: Sequence[float], at: Array) -> tuple[Array, Array]:
    """Kernel-weighted mean of `values` at the rates `at`, and the standard error of that mean.

    Gaussian kernel of width 0.12 on the rate axis; the error from the weighted variance and the
    effective number of points, 1 / sum of squared weights.
    """
    weights = np.exp(-0.5 * ((at[:, None] - np.asarray(rates)) / _SMOOTHING) ** 2)
    weights /= weights.sum(axis=1, keepdims=True)
    mean = weights @ np.asarray(values)
    variance = (weights * (np.asarray(values) - mean[:, None]) ** 2).sum(axis=1)
    effective = 1.0 / (weights**2).sum(axis=1)
    return mean, np.sqrt(variance / np.maximum(effective - 1.0, 1.0))
