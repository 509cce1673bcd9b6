"""A panel a variant over the rate: points, smoothed curve, band."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tuner.plots._drawing import (
    BLUE,
    GREY,
    ORANGE,
    draw_outside,
    legend_below,
    limits,
    panels,
    scatter,
    title,
)
from tuner.plots._words import configuration
from tuner.plots.plot import Row
from tuner.study.results import Results, TrialRow

Array = NDArray[Any]
Curve = tuple[list[float], list[float]]
_SMOOTHING = 0.12
_MIN_FOR_CURVE = 8


def trials_with_rate(results: Results) -> list[TrialRow]:
    """The finished trials by variant, the best one first; without dropout only the best."""
    ranks = {row.variant: rank for rank, row in enumerate(results.variants)}
    none = next((row.best for row in results.variants if row.variant == "none"), None)
    return sorted(
        (
            trial
            for trial in results.trials
            if trial == none or (trial.variant != "none" and trial.rate is not None)
            if trial.variant in ranks
        ),
        key=lambda trial: ranks[trial.variant],
    )


def row_of(trial: TrialRow, **values: Any) -> Row:
    """A trial as a row, with what it is drawn at."""
    return {**configuration(trial), "state": trial.state.lower(), **values}


def of_variant(rows: Iterable[Row], variant: str) -> list[Row]:
    """The rows of one variant."""
    return [row for row in rows if row["variant"] == variant]


def columns(rows: Iterable[Row], x: str, y: str) -> Curve:
    """Two columns, of those rows that have both as finite numbers."""
    pairs = [(row[x], row[y]) for row in rows]
    kept = [(a, b) for a, b in pairs if a is not None and b is not None and math.isfinite(b)]
    return [a for a, _ in kept], [b for _, b in kept]


def by_state(rows: Sequence[Row], x: str, y: str) -> tuple[Curve, Curve]:
    """Two columns of the complete rows, and of the pruned ones."""
    found = ([row for row in rows if row["state"] == state] for state in ("complete", "pruned"))
    complete, pruned = (columns(each, x, y) for each in found)
    return complete, pruned


def draw_by_rate(
    rows: Sequence[Row], y: str, label: str, text: str, *, maximize: bool | None
) -> Figure:
    """Column `y` by rate: a panel a variant, the one without dropout as a line."""
    with_dropout = [row for row in rows if row["variant"] != "none"]
    names = list(dict.fromkeys(row["variant"] for row in with_dropout))
    none = next((row[y] for row in rows if row["variant"] == "none"), None)
    complete, pruned = by_state(with_dropout, "rate", y)
    bounds = limits([*complete[1], none], pruned[1], maximize=maximize)
    figure, found, lowest = panels(len(names), 3, 1.15)
    for axes, name in zip(found, names, strict=True):
        if none is not None:
            axes.axhline(none, color=GREY, linestyle=":", label="best without dropout")
        _draw_variant(axes, of_variant(rows, name), y, bounds)
    if bounds is not None:
        found[0].set_ylim(*bounds)
    most = max(row["rate"] for row in with_dropout) or 1.0
    found[0].set_xlim(-0.05 * most, 1.05 * most)
    for axes in lowest:
        axes.set_xlabel("Dropout rate")
    figure.supylabel(label, fontsize="medium")
    legend_below(figure)
    title(figure, text)
    return figure


def _draw_variant(
    axes: Axes, rows: Sequence[Row], y: str, bounds: tuple[float, float] | None
) -> None:
    complete, pruned = by_state(rows, "rate", y)
    if len(set(complete[0])) >= _MIN_FOR_CURVE:
        at = np.linspace(min(complete[0]), max(complete[0]), 100)
        mean, error = smooth(*complete, at)
        axes.fill_between(at, mean - 2 * error, mean + 2 * error, color=ORANGE, alpha=0.25, lw=0)
        axes.plot(at, mean, color=ORANGE, zorder=3, label="smoothed, ± 2 s.e.")
    scatter(axes, *pruned, "x", color=GREY, label="pruned")
    scatter(axes, *complete, "o", color=BLUE, label="complete")
    for points, color in ((pruned, GREY), (complete, BLUE)):
        if bounds is not None:
            draw_outside(axes, *points[::-1], bounds, color=color)
    n_pruned = sum(row["state"] == "pruned" for row in rows)
    note = f" + {n_pruned}" if n_pruned else ""
    axes.set_title(f"{rows[0]['variant']}\nn={len(rows) - n_pruned}{note}")


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
