"""The value of every trial by its rate, a panel a variant."""

from collections.abc import Sequence

from tuner.plots._by_rate import by_rate, row_of, trials_with_rate
from tuner.plots._words import counted, number, value_label
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results


def value_by_rate(results: Results, _finals: Results | None = None) -> Plot:
    """Every trial's value by its rate, a panel a variant, with a smoothed curve and its band."""
    trials = trials_with_rate(results)
    values = ((t, t.last_value if t.state == "PRUNED" else t.value) for t in trials)
    bests = {row.best.number for row in results.variants if row.best is not None}
    rows = [
        row_of(trial, value=value, best=trial.number in bests)
        for trial, value in values
        if value is not None
    ]
    if all(row["variant"] == "none" for row in rows):
        raise NotEnoughDataError("no finished trial with dropout")
    label, name = value_label(results), f"{results.definition.name}: value by rate"
    title = f"{name} (one seed a trial; n: complete + pruned)"
    picture = by_rate(rows, "value", label, title, maximize=results.maximize)
    return Plot(name, _text(rows, results), rows, picture)


def _text(rows: Sequence[Row], results: Results) -> str:
    best = [
        f"{row.variant} {number(row.best.value)} at {row.best.rate:.2g}"
        for row in results.variants
        if row.best is not None and row.best.rate is not None and row.variant != "none"
    ]
    none = next((row["value"] for row in rows if row["variant"] == "none"), None)
    n = sum(row["variant"] != "none" for row in rows)
    without = "" if none is None else f" Best without dropout: {number(none)}."
    return (
        f"{value_label(results)} of {counted(n, 'trial')} with dropout by rate, one seed each. Best"
        f" of each variant: {', '.join(best) or 'none is complete'}.{without}"
    )
