"""Learning curves of the candidates over seeds, or of the leaders of the search."""

import math
from collections.abc import Iterator, Mapping, Sequence

from tuner.comparison.scores import scores_of, trials_of
from tuner.comparison.statistics.estimates import estimate
from tuner.comparison.statistics.pairwise import compare
from tuner.plots._intervals import clipped, ends_of
from tuner.plots._limits import all_of, counted_from
from tuner.plots._words import capital, configuration, counted, metric_name, number, unit
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
from tuner.plots.plot import FEWEST_POINTS, NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow

BySeed = Mapping[int, TrialRow]
_MOST = 6
_EARLY = 0.3
_ENDS = ("mean", "low", "high")


def learning_curves(results: Results, compared: Results | None = None) -> Plot:
    """The metric by epoch of the leading six, each beside a network without dropout.

    Of candidates means and 95 % intervals over seeds, beside the same network without dropout; of
    a search the best trial of each variant, one seed, beside the best one without dropout.
    """
    by_seed = {} if compared is None else trials_of(compared)
    if compared is not None and any(by_seed.values()):
        rows = list(_of_comparison(compared, by_seed))
        part, what = "test", "candidates"
    else:
        rows = list(_of_search(results))
        part, what = "validation", "leaders"
    if not rows:
        raise NotEnoughDataError(
            f"needs {FEWEST_POINTS} epochs of a complete trial with and one without dropout"
        )
    label = f"{capital(part)} {metric_name(results)}"
    name = f"{results.definition.name}: learning curves of the {what}"
    picture = _picture(rows, label, name, unit(results))
    return Plot(name, _text(rows, label), rows, picture)


def _of_comparison(compared: Results, by_seed: Mapping[str, BySeed]) -> Iterator[Row]:
    found = compare(scores_of(compared, by_seed))
    least = found.scores.least_spread
    none = next((row.candidate.name for row in found.nones), None)
    for row in [row for row in found.rows if row.candidate.is_dropout][:_MOST]:
        name, beside = row.candidate.name, row.candidate.twin or none
        if beside is not None:
            own = list(by_seed[name].values())
            yield from _pair(compared, name, own, list(by_seed[beside].values()), least)


def _of_search(results: Results) -> Iterator[Row]:
    bests = {row.variant: row.best for row in results.variants if row.best is not None}
    none = bests.pop("none", None)
    if none is not None:
        for name, trial in list(bests.items())[:_MOST]:
            yield from _pair(results, name, [trial], [none], math.nan)


def _pair(
    results: Results,
    name: str,
    own: Sequence[TrialRow],
    without: Sequence[TrialRow],
    least_spread: float,
) -> list[Row]:
    """Both curves of a panel; none where one of them is too short."""
    curves = [
        list(_rows(results, name, trials, least_spread, is_dropout=trials is own))
        for trials in (without, own)
    ]
    is_long = all(len(curve) >= FEWEST_POINTS for curve in curves)
    return [row for curve in curves for row in curve] if is_long else []


def _rows(
    results: Results,
    name: str,
    trials: Sequence[TrialRow],
    least_spread: float,
    *,
    is_dropout: bool,
) -> Iterator[Row]:
    epochs = [results.epochs_of(trial.number) for trial in trials]
    for at in zip(*epochs, strict=False):
        values = [each.val_value for each in at if math.isfinite(each.val_value)]
        found = estimate(values, least_spread)
        if found is not None:
            low, high = clipped(ends_of(found), results.metric)
            shared = {"candidate": name, "is_dropout": is_dropout, **configuration(trials[0])}
            del shared["trial"]
            yield {
                **shared,
                "epoch": at[0].epoch,
                "n": found.n,
                "mean": found.value,
                "low": low,
                "high": high,
            }


def _by_candidate(rows: Sequence[Row]) -> dict[str, list[list[Row]]]:
    """Of each candidate its curve without dropout, and that with it."""
    found: dict[str, list[list[Row]]] = {}
    for row in rows:
        found.setdefault(row["candidate"], [[], []])[row["is_dropout"]].append(row)
    return found


def _text(rows: Sequence[Row], label: str) -> str:
    ends = {name: (none[-1], own[-1]) for name, (none, own) in _by_candidate(rows).items()}
    n = max(row["n"] for row in rows)
    said = [
        f"{name} {_end(own)}, without dropout {_end(none)}" for name, (none, own) in ends.items()
    ]
    how = "one seed each" if n == 1 else f"means of up to {counted(n, 'seed')} with 95 % intervals"
    return f"{label} by epoch, {how}. After epoch {rows[-1]['epoch']}: {'; '.join(said)}."


def _end(row: Row) -> str:
    ends = "" if row["low"] is None else f" [{number(row['low'])}, {number(row['high'])}]"
    return f"{number(row['mean'])}{ends}"


def _picture(rows: Sequence[Row], label: str, text: str, unit: str) -> Picture:
    epochs = [row["epoch"] for row in rows]
    x = Axis("Epoch", counted_from(min(epochs), max(epochs)), is_whole=True)
    seeds = max(row["n"] for row in rows)
    beside = "best trial without dropout" if seeds == 1 else "the same network without dropout"
    shown = _limits(rows, last=max(epochs))
    panels = [
        Panel(
            [
                _line(_inside(none, shown), beside, GREY, "dashed"),
                _line(_inside(own, shown), "with dropout", BLUE),
            ],
            x,
            name,
        )
        for name, (none, own) in _by_candidate(rows).items()
    ]
    how = "one seed each" if seeds == 1 else "means and 95 % intervals over seeds"
    y = Axis(label, shown, unit=unit)
    columns = 2 if len(panels) in (2, 4) else 3
    return Picture(f"{text} ({how})", [Block(panels, y, 1.0, columns=columns)])


def _limits(rows: Sequence[Row], last: int) -> Limits | None:
    """Those of the later epochs: at first all climb alike, and differences would not be seen."""
    late = [row for row in rows if row["epoch"] > _EARLY * last]
    ends = [row[name] for row in late for name in _ENDS if row[name] is not None]
    return all_of(ends)


def _inside(curve: Sequence[Row], limits: Limits | None) -> Sequence[Row]:
    """A curve from where it comes into the panel, to stay there."""
    low, high = limits or (-math.inf, math.inf)
    out = [
        place
        for place, row in enumerate(curve)
        if not all(low <= row[each] <= high for each in _ENDS if row[each] is not None)
    ]
    return curve[out[-1] + 1 :] if out else curve


def _line(curve: Sequence[Row], label: str, color: str, dashes: Dashes = "solid") -> Line:
    epochs, means, low, high = (
        [row[name] for row in curve] for name in ("epoch", "mean", "low", "high")
    )
    band = None if None in low else (low, high)
    return Line(label, [(epochs, means)], color, dashes, band=band, on_top=color == BLUE)
