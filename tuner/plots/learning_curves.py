"""Learning curves of the candidates over seeds, or of the leaders of the search."""

import math
from collections.abc import Iterator, Sequence

from tuner.comparison.scores import scores_of, trials_of
from tuner.comparison.statistics.estimates import estimate
from tuner.plots._intervals import ends_of_mean
from tuner.plots._limits import all_of, both, counted_from, limits
from tuner.plots._words import capital, configuration, counted, metric_name, number
from tuner.plots.picture import (
    BLUE,
    GREY,
    Axis,
    Block,
    Dashes,
    Limits,
    Line,
    Panel,
    Picture,
)
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow

_EARLY = 0.4
"""The first epochs do not set the scale: there all curves climb alike."""


def learning_curves(results: Results, compared: Results | None = None) -> Plot:
    """The metric by epoch: means and 95 % intervals over the seeds of each candidate.

    Without candidates, the best trial of each variant, one seed.
    """
    by_seed = {} if compared is None else trials_of(compared)
    if compared is not None and any(by_seed.values()):
        least = scores_of(compared, by_seed).least_spread
        rows = [
            row
            for name, trials in by_seed.items()
            for row in _rows(compared, name, list(trials.values()), least)
        ]
        part, name = "test", f"{results.definition.name}: learning curves of the candidates"
    else:
        leaders = [row.best for row in results.variants if row.best is not None]
        rows = [row for t in leaders for row in _rows(results, t.variant, [t], math.nan)]
        part, name = "validation", f"{results.definition.name}: learning curves of the leaders"
    if len({row["candidate"] for row in rows}) < 2:
        raise NotEnoughDataError("fewer than two variants have a complete trial with its epochs")
    label = f"{capital(part)} {metric_name(results)}"
    picture = _picture(rows, label, name, maximize=results.maximize)
    return Plot(name, _text(rows, label), rows, picture)


def _rows(
    results: Results, name: str, trials: Sequence[TrialRow], least_spread: float
) -> Iterator[Row]:
    epochs = [results.epochs_of(trial.number) for trial in trials]
    for at in zip(*epochs, strict=False):
        values = [each.val_value for each in at if math.isfinite(each.val_value)]
        found = estimate(values, least_spread)
        if found is not None:
            low, high = ends_of_mean(found, results.metric)
            shared = {"candidate": name, **configuration(trials[0]), "epoch": at[0].epoch}
            del shared["trial"]
            yield {**shared, "n": found.n, "mean": found.value, "low": low, "high": high}


def _by_candidate(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["candidate"], []).append(row)
    return found


def _text(rows: Sequence[Row], label: str) -> str:
    ends = {name: curve[-1] for name, curve in _by_candidate(rows).items()}
    n = max(row["n"] for row in ends.values())
    said = [
        f"{name} {number(row['mean'])}"
        + ("" if row["low"] is None else f" [{number(row['low'])}, {number(row['high'])}]")
        for name, row in ends.items()
    ]
    how = "one seed each" if n == 1 else f"means of {counted(n, 'seed')} with 95 % intervals"
    return f"{label} by epoch, {how}. After epoch {rows[-1]['epoch']}: {', '.join(said)}."


def _picture(rows: Sequence[Row], label: str, text: str, *, maximize: bool) -> Picture:
    curves = _by_candidate(rows)
    none = next((curve for curve in curves.values() if curve[0]["variant"] == "none"), None)
    reference = [] if none is None else [_line(none, "no dropout", GREY, "dotted")]
    epochs = [row["epoch"] for row in rows]
    x = Axis("Epoch", counted_from(min(epochs), max(epochs)), is_whole=True)
    panels = []
    for name, curve in curves.items():
        if curve is not none:
            own = _line(curve, "candidate" if curve[0]["n"] > 1 else "leader", BLUE, "solid")
            panels.append(Panel([*reference, own], x, name, f"n={curve[-1]['n']}"))
    seeds = max(row["n"] for row in rows)
    how = "one seed each" if seeds == 1 else "means and 95 % intervals over seeds"
    y = Axis(label, _late_limits(rows, maximize=maximize))
    return Picture(f"{text} ({how})", [Block(panels, y, 1.1, columns=3)])


def _line(curve: Sequence[Row], label: str, color: str, dashes: Dashes) -> Line:
    epochs, means, low, high = (
        [row[name] for row in curve] for name in ("epoch", "mean", "low", "high")
    )
    return Line(
        label,
        [(epochs, means)],
        color,
        dashes,
        marker="circle" if len(epochs) < 3 else None,
        band=None if None in low else (low, high),
    )


def _late_limits(rows: Sequence[Row], *, maximize: bool) -> Limits | None:
    """What shows the later epochs, and the end of every curve."""
    last = max(row["epoch"] for row in rows)
    late = limits((r["mean"] for r in rows if r["epoch"] > _EARLY * last), maximize=maximize)
    return both(late, all_of(row["mean"] for row in rows if row["epoch"] == last))
