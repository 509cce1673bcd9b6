"""How far training and validation part lie apart, by rate."""

import statistics
from collections.abc import Sequence

from tuner.plots._by_rate import by_rate, row_of, trials_with_rate
from tuner.plots._words import counted, metric_name, number
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results


def gap_by_rate(results: Results, _finals: Results | None = None) -> Plot:
    """The gap of every complete trial by its rate, a panel a variant, smoothed, with a band."""
    rows = [
        row_of(trial, gap=trial.gap) for trial in trials_with_rate(results) if trial.gap is not None
    ]
    if all(row["variant"] == "none" for row in rows):
        raise NotEnoughDataError("no complete trial with dropout has a gap")
    metric = metric_name(results)
    name, label = f"{results.definition.name}: gap by rate", f"Train - validation {metric}"
    title = f"{name} (without noise, one seed a trial)"
    picture = by_rate(rows, "gap", label, title, maximize=None)
    return Plot(name, _text(rows, metric), rows, picture)


def _text(rows: Sequence[Row], metric: str) -> str:
    gaps = [row["gap"] for row in rows if row["variant"] != "none"]
    none = next((row["gap"] for row in rows if row["variant"] == "none"), None)
    without = "" if none is None else f" Of the best trial without dropout: {number(none)}."
    return (
        f"Training minus validation {metric}, both without noise, of"
        f" {counted(len(gaps), 'complete trial')} with dropout by rate: median"
        f" {number(statistics.median(gaps))}, from {number(min(gaps))} to {number(max(gaps))}."
        f"{without}"
    )
