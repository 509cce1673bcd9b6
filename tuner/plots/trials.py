"""All trials of a study: by rate, by variant, in the order they ran."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tuner.plots._drawing import (
    BLUE,
    GREY,
    ORANGE,
    NotEnoughDataError,
    legend_below,
    limit_to_complete,
    points,
    value_label,
    whole_numbers,
)
from tuner.results import Results, TrialRow

Array = NDArray[Any]
_SMOOTHING = 0.12
_MIN_FOR_CURVE = 5


def value_by_rate(results: Results) -> Figure:
    """Every trial's value by its rate, a panel a variant, with a smoothed curve and its band."""
    seen = [t for t in results.trials if t.last_value is not None and t.variant != "none"]
    names = [row.variant for row in results.variants if row.variant in {t.variant for t in seen}]
    if not names:
        raise NotEnoughDataError("no finished trial with dropout")
    columns = min(4, math.ceil(math.sqrt(len(names))))
    n_rows = -(-len(names) // columns)
    figure = Figure(figsize=(2.8 * columns + 0.8, 2.4 * n_rows + 0.9))
    panels = list(figure.subplots(n_rows, columns, sharex=True, sharey=True, squeeze=False).flat)
    none = next((row.best for row in results.variants if row.variant == "none"), None)
    for axes, name in zip(panels, names, strict=False):
        _draw_rates(axes, name, [t for t in seen if t.variant == name], none)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    for axes in panels[max(0, len(names) - columns) : len(names)]:
        axes.tick_params(labelbottom=True)
        axes.set_xlabel("Rate (probability of dropping)")
    for axes in panels[::columns]:
        axes.set_ylabel(value_label(results))
    n_outside = limit_to_complete(panels[0], results)
    legend_below(figure)
    note = f" ({n_outside} pruned trials are off the scale)" if n_outside else ""
    figure.suptitle(f"{results.definition.name}: value by rate, one seed a trial{note}")
    return figure


def variants(results: Results) -> Figure:
    """Every complete trial by variant, the best of each marked, no dropout as a line."""
    rows = [row for row in reversed(results.variants) if row.best is not None]
    if len(rows) < 2:
        raise NotEnoughDataError("fewer than two variants have a complete trial")
    figure = Figure(figsize=(6.4, 1.3 + 0.4 * len(rows)))
    axes = figure.subplots()
    for y, row in enumerate(rows):
        values, _ = points(
            (t for t in results.trials if t.variant == row.variant), "value", "value"
        )
        spread = np.linspace(-0.2, 0.2, len(values)) if len(values) > 1 else np.zeros(1)
        axes.plot(values, y + spread, "o", color=BLUE, alpha=0.55, markersize=4, label="complete")
        best = row.best.value if row.best else None
        if best is not None:
            axes.plot([best], [y], "D", color=ORANGE, markersize=6, label="best")
            if row.variant == "none":
                axes.axvline(best, color=GREY, linestyle=":", label="best without dropout")
    axes.set_yticks(range(len(rows)), [f"{row.variant} (n={row.n_complete})" for row in rows])
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.set_xlabel(value_label(results))
    axes.set_title(f"{results.definition.name}: complete trials by variant, one seed a trial")
    legend_below(figure)
    return figure


def history(results: Results) -> Figure:
    """Value by trial number, and the best so far."""
    numbers, values = points(results.trials, "number", "value")
    if not values:
        raise NotEnoughDataError("no complete trial")
    figure = Figure(figsize=(6.4, 3.6))
    axes = figure.subplots()
    pruned = points((t for t in results.trials if t.state == "PRUNED"), "number", "last_value")
    n_outside = limit_to_complete(axes, results)
    label = f"pruned, last value (n={len(pruned[0])}, {n_outside} off the scale)"
    axes.plot(*pruned, "x", color=GREY, label=label)
    axes.plot(numbers, values, "o", color=BLUE, label=f"complete (n={len(values)})")
    best = list((np.maximum if results.maximize else np.minimum).accumulate(values))
    ends = [*numbers, results.trials[-1].number]
    axes.step(ends, [*best, best[-1]], where="post", color=ORANGE, label="best so far")
    whole_numbers(axes, "Trial")
    axes.set_ylabel(value_label(results))
    axes.set_title(f"{results.definition.name}: optimisation history")
    legend_below(figure)
    return figure


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


def _draw_rates(axes: Axes, name: str, trials: Sequence[TrialRow], none: TrialRow | None) -> None:
    rates, values = points(trials, "rate", "value")
    pruned = points((t for t in trials if t.state == "PRUNED"), "rate", "last_value")
    if none is not None and none.value is not None:
        axes.axhline(none.value, color=GREY, linestyle=":", label="best without dropout")
    if len(set(rates)) >= _MIN_FOR_CURVE:
        at = np.linspace(min(rates), max(rates), 100)
        mean, error = smooth(rates, values, at)
        axes.fill_between(at, mean - 2 * error, mean + 2 * error, color=ORANGE, alpha=0.2, lw=0)
        axes.plot(at, mean, color=ORANGE, label="smoothed, ± 2 s.e.")
    axes.plot(*pruned, "x", color=GREY, markersize=4, label="pruned")
    axes.plot(rates, values, "o", color=BLUE, markersize=4, label="complete")
    axes.set_title(f"{name} (n={len(rates)} + {len(pruned[0])} pruned)")
