"""The values of a study in the order in which its trials began."""

from collections.abc import Sequence

from matplotlib.figure import Figure

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
    whole_numbers,
)
from tuner.plots._panels import by_state, columns
from tuner.plots._words import configuration, describe, number, value_label
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results


def history(results: Results, _finals: Results | None = None) -> Plot:
    """Value by trial number, and the best so far."""
    rows: list[Row] = []
    best: float | None = None
    for trial in results.trials:
        if trial.state not in ("COMPLETE", "PRUNED"):
            continue
        if trial.value is not None:
            pick = max if results.maximize else min
            best = trial.value if best is None else pick(best, trial.value)
        value = trial.value if trial.state == "COMPLETE" else trial.last_value
        found = {"state": trial.state.lower(), "value": value, "best_so_far": best}
        rows.append({**configuration(trial), **found})
    if best is None:
        raise NotEnoughDataError("no complete trial")
    label, name = value_label(results), f"{results.definition.name}: optimisation history"
    text = _text(rows, label, best)
    return Plot(name, text, rows, lambda: _draw(rows, label, name, maximize=results.maximize))


def _text(rows: Sequence[Row], label: str, best: float) -> str:
    first = next(row for row in rows if row["best_so_far"] == best)
    n = {state: sum(row["state"] == state for row in rows) for state in ("complete", "pruned")}
    return (
        f"{label} by trial: {n['complete']} complete, {n['pruned']} pruned. The best,"
        f" {number(best)}, is trial {first['trial']} ({describe(first)})."
    )


def _draw(rows: Sequence[Row], label: str, text: str, *, maximize: bool) -> Figure:
    figure, (axes,), _ = panels(1, 1, 1.7)
    complete, pruned = by_state(rows, "trial", "value")
    bounds = limits(complete[1], pruned[1], maximize=maximize)
    scatter(axes, *pruned, "x", color=GREY, label=f"pruned, last value (n={len(pruned[0])})")
    scatter(axes, *complete, "o", color=BLUE, label=f"complete (n={len(complete[0])})")
    if bounds is not None:
        axes.set_ylim(*bounds)
        for points, color in ((pruned, GREY), (complete, BLUE)):
            draw_outside(axes, *points[::-1], bounds, color=color)
    numbers, best = columns(rows, "trial", "best_so_far")
    axes.step(numbers, best, where="post", color=ORANGE, zorder=3, label="best so far")
    whole_numbers(axes, "Trial")
    axes.set_ylabel(label)
    title(figure, f"{text} (one seed a trial)")
    legend_below(figure)
    return figure
