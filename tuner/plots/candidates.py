"""The candidates compared: means, effect and gain of dropout, with intervals over seeds."""

from collections.abc import Iterator, Mapping, Sequence

from tuner.comparison.scores import scores_of
from tuner.comparison.statistics.estimates import ALPHA
from tuner.comparison.statistics.pairwise import Comparison, Standing, compare
from tuner.plots._intervals import ends_of, ends_of_mean
from tuner.plots._limits import all_of
from tuner.plots._words import configuration, counted, metric_name, number
from tuner.plots.picture import (
    BLACK,
    GREY,
    ORANGE,
    Axis,
    Block,
    Line,
    Mark,
    Panel,
    Picture,
    Points,
    Rule,
    named,
)
from tuner.plots.plot import Plot, Row
from tuner.study.results import Results, TrialRow

BySeed = Mapping[int, TrialRow]
_HALF_A_MARK = 0.07
_CONTRASTS = {"effect": "Effect", "gain": "Gain"}
"""Differences to networks without dropout: to the same one, and to the best."""


def candidates_compared(compared: Results, trials: Mapping[str, BySeed]) -> Plot:
    """Each candidate on the test part, and its differences to networks without dropout.

    The effect is that to the same network without it, the gain that to the best without it.
    """
    found = compare(scores_of(compared, trials))
    rows = [
        row
        for judged in found.rows
        if judged.mean is not None
        for row in _rows(found, judged, trials[judged.candidate.name], compared.metric)
    ]
    study = compared.definition.name
    name, metric = f"{study}: candidates compared", metric_name(compared)
    n_seeds = max(row["n"] for row in rows)
    means = [
        f"{row['candidate']} {number(row['mean'])}{_interval(row, 'low', 'high')}"
        for row in _first_of_each(rows)
    ]
    text = (
        f"Test {metric} of {len(means)} candidates, means of up to"
        f" {counted(n_seeds, 'fresh seed')} with 95 % intervals: {', '.join(means)}. Effect:"
        " against the same network without dropout; gain: against the best network without it."
    )
    return Plot(name, text, rows, _picture(rows, metric, f"{name} on the test part"))


def _rows(found: Comparison, judged: Standing, by_seed: BySeed, metric: str) -> Iterator[Row]:
    """A row for each seed, with what all seeds say beside it."""
    of = found.n_judged
    ends = ends_of_mean(judged.mean, metric, found.n_picked)
    effect = ends_of(judged.effect, of, is_sure=judged.is_effect_shown)
    gain = ends_of(judged.gain, of, is_sure=judged.is_gain_shown)
    for seed, trial in by_seed.items():
        yield {
            "candidate": judged.candidate.name,
            **configuration(trial),
            "twin": judged.candidate.twin,
            "seed": seed,
            "value": trial.value,
            "n": judged.n,
            "mean": judged.mean.value if judged.mean else None,
            **dict(zip(("low", "high"), ends, strict=True)),
            "effect": judged.effect.value if judged.effect else None,
            **dict(zip(("low_effect", "high_effect"), effect, strict=True)),
            "p_effect": judged.p_effect,
            "gain": judged.gain.value if judged.gain else None,
            **dict(zip(("low_gain", "high_gain"), gain, strict=True)),
            "p_gain": judged.p_gain,
            "over": judged.gain.over if judged.gain else None,
        }


def _interval(row: Row, low: str, high: str) -> str:
    return "" if row[low] is None else f" [{number(row[low])}, {number(row[high])}]"


def _first_of_each(rows: Sequence[Row]) -> list[Row]:
    return list({row["candidate"]: row for row in reversed(rows)}.values())[::-1]


def _picture(rows: Sequence[Row], metric: str, title: str) -> Picture:
    candidates = _first_of_each(rows)
    heights = {row["candidate"]: y for y, row in enumerate(reversed(candidates))}
    seeds = Points(
        "one seed",
        [row["value"] for row in rows],
        [heights[row["candidate"]] - 0.22 for row in rows],
        GREY,
        "tick",
        numbers=[row["trial"] for row in rows],
    )
    panels = [_panel([seeds], candidates, heights, ("mean", "low", "high"), f"Test {metric}")]
    for name, label in _CONTRASTS.items():
        compared = [row for row in candidates if row[name] is not None]
        if compared:
            names = (name, f"low_{name}", f"high_{name}")
            none: list[Mark] = [Rule("no dropout", 0.0, upright=True)]
            panels.append(_panel(none, compared, heights, names, label))
    y = named([f"{row['candidate']} (n={row['n']})" for row in candidates])
    return Picture(title, [Block(panels, y, 0.45 + 0.17 * len(candidates), columns=len(panels))])


def _panel(
    marks: Sequence[Mark],
    rows: Sequence[Row],
    heights: Mapping[str, int],
    names: tuple[str, str, str],
    label: str,
) -> Panel:
    """Means with their intervals, hollow where a difference may be chance."""
    mean, low, high = names
    shown = [row for row in rows if row[low] is not None]
    ends = [([row[low], row[high]], [heights[row["candidate"]]] * 2) for row in shown]
    intervals = Line("", ends, BLACK, width=0.8)
    values = [value for mark in marks if isinstance(mark, Points) for value in mark.x]
    values += [row[name] for row in rows for name in names if row[name] is not None]
    means = [
        _means([row for row in rows if _is_sure(row, mean) == sure], mean, heights, sure=sure)
        for sure in (True, False)
    ]
    values += [0.0] * (mean in _CONTRASTS)
    least, most = min(values), max(values)
    half = _HALF_A_MARK * (most - least)  # of a mark at the edge nothing is cut
    return Panel([*marks, intervals, *means], Axis(label, all_of([least - half, most + half])))


def _is_sure(row: Row, mean: str) -> bool:
    """Whether a mean is what it is said to be, or a difference more than chance."""
    return mean == "mean" or (row[f"p_{mean}"] is not None and row[f"p_{mean}"] <= ALPHA)


def _means(rows: Sequence[Row], mean: str, heights: Mapping[str, int], *, sure: bool) -> Points:
    return Points(
        "mean, 95 % interval" if sure else f"mean, Holm p > {ALPHA}",
        [row[mean] for row in rows],
        [heights[row["candidate"]] for row in rows],
        ORANGE,
        "diamond",
        is_filled=sure,
        size=1.3,
        on_top=True,
    )
