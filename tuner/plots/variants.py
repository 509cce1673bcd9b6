"""The variants compared: candidates with their intervals, or the trials of the search."""

from collections.abc import Iterator, Sequence

import numpy as np

from tuner.comparison.scores import trials_of
from tuner.plots._limits import all_of, both, limits
from tuner.plots._rows import columns, of_variant
from tuner.plots._words import configuration, number, value_label
from tuner.plots.candidates import candidates_compared
from tuner.plots.picture import (
    BLUE,
    ORANGE,
    Axis,
    Block,
    Limits,
    Mark,
    Panel,
    Picture,
    Points,
    Rule,
    named,
    off_scale,
)
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results

_SPREAD = 0.3
"""How far the trials of a variant lie above and below its line, so that none hides another."""


def variants(results: Results, compared: Results | None = None) -> Plot:
    """Candidates on the test part with intervals over seeds; without them, single trials."""
    trials = {} if compared is None else trials_of(compared)
    if compared is not None and sum(bool(by_seed) for by_seed in trials.values()) > 1:
        return candidates_compared(compared, trials)
    return _searched(results)


def _searched(results: Results) -> Plot:
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
    label, name = value_label(results), f"{results.definition.name}: variants compared"
    best = ", ".join(f"{row['variant']} {number(row['value'])}" for row in rows if row["best"])
    text = f"{label} of {len(rows)} complete trials by variant, one seed each. Best: {best}."
    picture = _picture(rows, label, f"{name} (one seed a trial)", results.maximize)
    return Plot(name, text, rows, picture)


def _picture(rows: Sequence[Row], label: str, title: str, maximize: bool) -> Picture:
    names = list(dict.fromkeys(row["variant"] for row in rows))
    shown = both(
        limits((row["value"] for row in rows), maximize=maximize),
        all_of(row["value"] for row in rows if row["best"]),
    )
    marks = [
        mark
        for y, name in enumerate(reversed(names))
        for mark in _marks(y, of_variant(rows, name), shown)
    ]
    y = named([f"{name} (n={len(of_variant(rows, name))})" for name in names])
    panel = Panel(marks, Axis(label, shown))
    return Picture(title, [Block([panel], y, 0.35 + 0.17 * len(names))])


def _marks(y: int, rows: Sequence[Row], shown: Limits | None) -> Iterator[Mark]:
    """The trials of a variant, the best of them on the middle of its line."""
    others = columns([row for row in rows if not row["best"]], "trial", "value")
    heights = (y + _SPREAD * np.linspace(-1, 1, len(others.y) + 2)[1:-1]).tolist()
    dots = Points("complete", others.y, heights, BLUE, opacity=0.5, numbers=others.trials)
    yield dots
    yield from off_scale(dots, x=shown)
    best = columns([row for row in rows if row["best"]], "trial", "value")
    where = (best.y, [float(y)] * len(best.y))
    yield Points("best", *where, ORANGE, "diamond", size=1.3, numbers=best.trials, on_top=True)
    if rows[0]["variant"] == "none" and best.y:
        yield Rule("best without dropout", best.y[0], upright=True)
