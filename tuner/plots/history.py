"""The values of a study in the order in which its trials began."""

from collections.abc import Sequence

from tuner.plots._limits import counted_from, limits
from tuner.plots._rows import by_state, columns, of_variant
from tuner.plots._words import configuration, describe, number, value_label
from tuner.plots.picture import (
    BLUE,
    GREY,
    NAVY,
    PALE,
    Axis,
    Block,
    Line,
    Marker,
    Panel,
    Picture,
    Points,
    off_scale,
)
from tuner.plots.plot import FEWEST_POINTS, NotEnoughDataError, Plot, Row
from tuner.study.results import Results


def history(results: Results, _finals: Results | None = None) -> Plot:
    """Value by trial number, and the best so far."""
    rows: list[Row] = []
    best: float | None = None
    for trial in results.trials:
        if not trial.is_finished:
            continue
        if trial.value is not None:
            pick = max if results.maximize else min
            best = trial.value if best is None else pick(best, trial.value)
        value = trial.value if trial.state == "COMPLETE" else trial.last_value
        found = {"state": trial.state.lower(), "value": value, "best_so_far": best}
        rows.append({**configuration(trial), **found})
    if best is None or len(rows) < FEWEST_POINTS:
        raise NotEnoughDataError(f"needs {FEWEST_POINTS} finished trials, one of them complete")
    label, name = value_label(results), f"{results.definition.name}: optimisation history"
    text = _text(rows, label, best)
    picture = _picture(rows, label, f"{name} (one seed a trial)", maximize=results.maximize)
    return Plot(name, text, rows, picture)


def _text(rows: Sequence[Row], label: str, best: float) -> str:
    first = next(row for row in rows if row["best_so_far"] == best)
    n = {state: sum(row["state"] == state for row in rows) for state in ("complete", "pruned")}
    return (
        f"{label} by trial: {n['complete']} complete, {n['pruned']} pruned. The best,"
        f" {number(best)}, is trial {first['trial']} ({describe(first)})."
    )


def _picture(rows: Sequence[Row], label: str, title: str, *, maximize: bool) -> Picture:
    complete, pruned = by_state(rows)
    none = of_variant(complete, "none")
    dots = [
        _dots(pruned, "pruned, last value", PALE, "cross"),
        _dots(none, "no dropout", GREY, "square"),
        _dots([row for row in complete if row not in none], "dropout", BLUE, "circle"),
    ]
    shown = limits([*dots[1].y, *dots[2].y], dots[0].y, maximize=maximize)
    best = columns(rows, "trial", "best_so_far")
    line = Line("best so far", [(best.x, best.y)], NAVY, steps=True, on_top=True)
    arrows = [arrow for each in dots for arrow in off_scale(each, y=shown)]
    x = Axis("Trial", counted_from(rows[0]["trial"], rows[-1]["trial"]), is_whole=True)
    panel = Panel([*dots, *arrows, line], x)
    return Picture(title, [Block([panel], Axis(label, shown), 1.7)])


def _dots(rows: Sequence[Row], kind: str, color: str, marker: Marker) -> Points:
    found = columns(rows, "trial", "value")
    label = f"{kind} (n={len(found.x)})"
    return Points(label, found.x, found.y, color, marker, numbers=found.trials)
