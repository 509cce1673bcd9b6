"""The value over rate and layer width, a panel a variant."""

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tuner.plots._by_rate import trials_with_rate
from tuner.plots._drawing import grid, n_rows, new_figure, title
from tuner.plots._limits import limits
from tuner.plots._rows import of_variant
from tuner.plots._words import counted, number, value_label
from tuner.plots.picture import BLACK
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.plots.shapes import COLUMN
from tuner.study.results import Results, TrialRow

Class = tuple[float, float]
_BINS = 4
_MOST_CHOICES = 6
_DARK = 0.55


def rate_by_width(results: Results, _finals: Results | None = None) -> Plot:
    """Mean value of the complete trials in cells of rate and width, with how many each has."""
    trials = [
        trial
        for trial in trials_with_rate(results)
        if trial.variant != "none" and trial.value is not None and math.isfinite(trial.value)
        if isinstance(trial.params.get("width"), int | float)
    ]
    widths = _classes([float(trial.params["width"]) for trial in trials])
    if len(widths) < 2:
        raise NotEnoughDataError("complete trials with dropout at fewer than two widths")
    rates = _classes([float(trial.rate or 0) for trial in trials])
    rows = [
        row
        for name in dict.fromkeys(trial.variant for trial in trials)
        for row in _cells([t for t in trials if t.variant == name], rates, widths)
    ]
    label, name = value_label(results), f"{results.definition.name}: rate x width"
    text = _text(rows, label, len(trials), maximize=results.maximize)
    return Plot(name, text, rows, lambda: _draw(rows, label, name, maximize=results.maximize))


def _classes(values: Sequence[float]) -> list[Class]:
    """Each value by itself where they are few, else ranges between round numbers."""
    distinct = sorted(set(values))
    if len(distinct) <= _MOST_CHOICES:
        return [(value, value) for value in distinct]
    edges = MaxNLocator(_BINS).tick_values(distinct[0], distinct[-1])
    return [(float(low), float(high)) for low, high in pairwise(edges)]


def _cells(
    trials: Sequence[TrialRow], rates: Sequence[Class], widths: Sequence[Class]
) -> list[Row]:
    """The cells of one variant that have a trial."""
    groups: dict[tuple[int, int], list[TrialRow]] = {}
    for trial in trials:
        key = (_index(rates, float(trial.rate or 0)), _index(widths, float(trial.params["width"])))
        groups.setdefault(key, []).append(trial)
    return [_cell(groups[key], rates[key[0]], widths[key[1]]) for key in sorted(groups)]


def _index(classes: Sequence[Class], value: float) -> int:
    """A range holds its lower end, the last one both."""
    last = len(classes) - 1
    return next(
        i for i, (low, high) in enumerate(classes) if value < high or value == low or i == last
    )


def _cell(trials: Sequence[TrialRow], rate: Class, width: Class) -> Row:
    values = [float(trial.value) for trial in trials if trial.value is not None]
    n = len(values)
    return {
        "variant": trials[0].variant,
        "rate_low": rate[0],
        "rate_high": rate[1],
        "width_low": width[0],
        "width_high": width[1],
        "n": n,
        "mean": statistics.fmean(values),
        "standard_error": statistics.stdev(values) / math.sqrt(n) if n > 1 else None,
    }


def _text(rows: Sequence[Row], label: str, n: int, *, maximize: bool) -> str:
    several = [row for row in rows if row["n"] > 1] or rows
    best = (max if maximize else min)(several, key=lambda row: row["mean"])
    error = best["standard_error"]
    shown = number(best["mean"]) + ("" if error is None else f" (standard error {error:.2g})")
    of = "cell of two trials or more" if best["n"] > 1 else "cell"
    return (
        f"Mean {label[0].lower()}{label[1:]} of {counted(n, 'complete trial')} by rate and width."
        f" The best {of}: {best['variant']}, rate {_range(best, 'rate')}, width"
        f" {_range(best, 'width')}, with {shown} over {counted(best['n'], 'trial')}."
    )


def _range(row: Row, name: str) -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _draw(rows: Sequence[Row], label: str, text: str, *, maximize: bool) -> Figure:
    names = list(dict.fromkeys(row["variant"] for row in rows))
    rates, widths = _found(rows, "rate"), _found(rows, "width")
    n, height = len(names), 0.5 + 0.16 * len(widths)
    figure = new_figure(COLUMN, height * n_rows(n, 3) + 0.75)
    found, lowest = grid(figure, n, 3, share_x=True, share_y=True)
    bounds = limits([row["mean"] for row in rows], maximize=maximize) or (0.0, 1.0)
    for axes, name in zip(found, names, strict=True):
        own = of_variant(rows, name)
        mesh = _draw_cells(axes, own, rates, widths, bounds, maximize=maximize)
        axes.set_title(f"{name}\nn={sum(row['n'] for row in own)}")
    for axes in lowest:
        axes.set_xlabel("Dropout rate")
    figure.supylabel("Width", fontsize="medium")
    bar = figure.colorbar(mesh, ax=found, location="bottom", aspect=40, pad=0.03, extend="both")
    bar.set_label(f"Mean {label[0].lower()}{label[1:]}; in the cells, how many trials")
    bar.locator = MaxNLocator(5)
    bar.update_ticks()
    title(figure, f"{text} (complete trials)")
    return figure


def _found(rows: Sequence[Row], name: str) -> list[Class]:
    return sorted({(row[f"{name}_low"], row[f"{name}_high"]) for row in rows})


def _draw_cells(
    axes: Axes,
    rows: Sequence[Row],
    rates: Sequence[Class],
    widths: Sequence[Class],
    bounds: Class,
    *,
    maximize: bool,
) -> QuadMesh:
    low, high = bounds
    grid = np.full((len(widths), len(rates)), math.nan)
    for row in rows:
        x = rates.index((row["rate_low"], row["rate_high"]))
        y = widths.index((row["width_low"], row["width_high"]))
        grid[y, x] = row["mean"]
        share = (row["mean"] - low) / (high - low)
        color = "white" if (share if maximize else 1 - share) > _DARK else BLACK
        axes.text(x, y, str(row["n"]), color=color, ha="center", va="center")
    edges = [np.arange(len(classes) + 1) - 0.5 for classes in (rates, widths)]
    mesh = axes.pcolormesh(
        *edges, grid, cmap="Blues" if maximize else "Blues_r", vmin=low, vmax=high
    )
    axes.grid(visible=False)
    axes.set_xticks(*_ticks(rates))
    axes.set_yticks(*_ticks(widths))
    return mesh


def _ticks(classes: Sequence[Class]) -> tuple[list[float], list[str]]:
    """Single values have a tick in the middle of their cell, ranges at every other end."""
    if all(low == high for low, high in classes):
        return [float(place) for place in range(len(classes))], [f"{low:g}" for low, _ in classes]
    ends = [low for low, _ in classes] + [classes[-1][1]]
    shown = [(place - 0.5, f"{end:.3g}") for place, end in enumerate(ends)][::2]
    return [place for place, _ in shown], [text for _, text in shown]
