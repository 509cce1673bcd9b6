"""What the plots share: style, labels, legends, limits."""

import math
from collections.abc import Iterable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import MaxNLocator

from tuner.results import Results, TrialRow

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#888888"
STYLE: dict[Any, Any] = {
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "figure.titlesize": 10.0,
    "figure.dpi": 160.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
    "svg.hashsalt": "tuner",
    # A title in a place of its own is not looked for at every draw. Numbers are written out: a
    # factor beside the axis would stand where the title is.
    "axes.titley": 1.0,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-7, 9),
}


class NotEnoughDataError(ValueError):
    """The study has not the trials that a plot needs; the message says which."""


def metric_label(results: Results) -> str:
    """The metric as an axis label."""
    return {"accuracy": "Accuracy"}.get(results.metric, results.metric.upper())


def value_label(results: Results) -> str:
    """The metric on the validation part as an axis label."""
    return f"Validation {results.metric if results.metric == 'accuracy' else metric_label(results)}"


def describe(trial: TrialRow) -> str:
    """A trial's configuration in a few words."""
    width = f", width {trial.params['width']}" if "width" in trial.params else ""
    if trial.variant == "none":
        return f"no dropout{width}"
    return f"{trial.variant} {trial.rate:.2g}{width}"


def points(trials: Iterable[TrialRow], x: str, y: str) -> tuple[list[float], list[float]]:
    """Two attributes of those trials that have both."""
    pairs = [(getattr(trial, x), getattr(trial, y)) for trial in trials]
    kept = [(a, b) for a, b in pairs if a is not None and b is not None]
    return [a for a, _ in kept], [b for _, b in kept]


def legend_below(figure: Figure, columns: int = 4) -> None:
    """One legend for all panels, each label once, where it covers no data."""
    found: dict[str, Artist] = {}
    for axes in figure.axes:
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(label, handle)
    columns = min(len(found), columns if figure.get_figwidth() > 6 else 2)
    figure.legend(list(found.values()), list(found), loc="outside lower center", ncols=columns)


def lay_out(figure: Figure) -> None:
    """Give every panel the room that its texts need: once, not at every draw."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():
                # Otherwise matplotlib measures all tick labels to place a label of no text.
                axis.set_label_coords(0.0, 0.0)
    ConstrainedLayoutEngine().execute(figure)


def whole_numbers(axes: Axes, label: str) -> None:
    """Label the x axis and give it whole numbers only."""
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(label)


def limit_to_complete(axes: Axes, results: Results) -> int:
    """Show all complete trials; the pruned ones far outside are clipped, and counted."""
    values = [t.value for t in results.trials if t.value is not None and math.isfinite(t.value)]
    if len(values) < 2:
        return 0
    low, high = min(values), max(values)
    margin = 0.08 * (high - low) or 0.01
    worse = 3 * margin
    low, high = (low - worse, high + margin) if results.maximize else (low - margin, high + worse)
    axes.set_ylim(low, high)
    last = [t.last_value for t in results.trials if t.state == "PRUNED"]
    return sum(value is not None and not low <= value <= high for value in last)
