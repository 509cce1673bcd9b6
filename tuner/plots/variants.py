"""The variants compared, trial by trial."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from tuner.plots._drawing import BLUE, GREY, ORANGE, legend_below, panels, scatter, title
from tuner.plots._panels import columns, of_variant
from tuner.plots._plot import NotEnoughDataError, Plot, Row
from tuner.plots._words import configuration, number, value_label
from tuner.results import Results


def variants(results: Results, _finals: Results | None = None) -> Plot:
    """Every complete trial by variant, the best of each marked, no dropout as a line."""
    names = [row.variant for row in results.variants if row.best is not None]
    if len(names) < 2:
        raise NotEnoughDataError("fewer than two variants have a complete trial")
    bests = {row.best.number for row in results.variants if row.best is not None}
    rows: list[Row] = [
        {**configuration(trial), "value": trial.value, "best": trial.number in bests}
        for name in names
        for trial in results.trials
        if trial.variant == name and trial.value is not None
    ]
    label = value_label(results)
    title_ = f"{results.definition.name}: variants compared"
    best = ", ".join(f"{row['variant']} {number(row['value'])}" for row in rows if row["best"])
    text = f"{label} of {len(rows)} complete trials by variant, one seed each. Best: {best}."
    return Plot(title_, text, rows, lambda: _draw(rows, label, title_))


def _draw(rows: Sequence[Row], label: str, text: str) -> Figure:
    names = list(dict.fromkeys(row["variant"] for row in reversed(rows)))
    figure, (axes,), _ = panels(1, 1, 0.35 + 0.17 * len(names))
    for y, name in enumerate(names):
        found = of_variant(rows, name)
        values = columns(found, "trial", "value")[1]
        spread = np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(len(values))
        scatter(axes, values, y + spread, "o", color=BLUE, alpha=0.5, label="complete")
        best = next(row["value"] for row in found if row["best"])
        axes.plot([best], [y], "D", color=ORANGE, markersize=4, label="best")
        if name == "none":
            axes.axvline(best, color=GREY, linestyle=":", label="best without dropout")
    counts = {name: len(of_variant(rows, name)) for name in names}
    axes.set_yticks(range(len(names)), [f"{name} (n={n})" for name, n in counts.items()])
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel(label)
    title(figure, f"{text} (one seed a trial)")
    legend_below(figure, 3)
    return figure
