"""The candidates compared: means and differences to no dropout, with intervals over seeds."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.comparison.scores import scores_of
from tuner.comparison.statistics.estimates import ALPHA
from tuner.comparison.statistics.pairwise import Standing, compare
from tuner.plots._drawing import BLACK, GREY, ORANGE, legend_below, panels, scatter, title
from tuner.plots._intervals import ends_of, ends_of_mean
from tuner.plots._words import configuration, counted, metric_name, number
from tuner.plots.plot import Plot, Row
from tuner.study.results import Results, TrialRow

BySeed = Mapping[int, TrialRow]


def finalists_compared(compared: Results, trials: Mapping[str, BySeed]) -> Plot:
    """Each candidate on the test part: its mean, and its paired difference to no dropout."""
    found = compare(scores_of(compared, trials))
    rows = [
        row
        for judged in found.rows
        if judged.mean is not None
        for row in _rows(judged, trials[judged.candidate.name], compared.metric)
    ]
    study = compared.definition.name
    name, metric = f"{study}: candidates compared", metric_name(compared)
    n_seeds = max(row["n"] for row in rows)
    means = [
        f"{row['finalist']} {number(row['mean'])}{_interval(row, 'low', 'high')}"
        for row in _first_of_each(rows)
    ]
    text = (
        f"Test {metric} of {len(means)} candidates, mean of {counted(n_seeds, 'fresh seed')} with"
        f" its 95 % interval: {', '.join(means)}."
    )
    return Plot(name, text, rows, lambda: _draw(rows, metric, name))


def _rows(judged: Standing, by_seed: BySeed, metric: str) -> Iterator[Row]:
    """A row for each seed, with what all seeds say beside it."""
    ends = dict(zip(("low", "high"), ends_of_mean(judged.mean, metric), strict=True))
    to_none = dict(zip(("low_vs_none", "high_vs_none"), ends_of(judged.to_none), strict=True))
    for seed, trial in by_seed.items():
        yield {
            "finalist": judged.candidate.name,
            **configuration(trial),
            "seed": seed,
            "value": trial.value,
            "n": len(by_seed),
            "mean": judged.mean.value if judged.mean else None,
            **ends,
            "vs_none": judged.to_none.value if judged.to_none else None,
            **to_none,
            "holm_p": judged.p_none,
        }


def _interval(row: Row, low: str, high: str) -> str:
    return "" if row[low] is None else f" [{number(row[low])}, {number(row[high])}]"


def _first_of_each(rows: Sequence[Row]) -> list[Row]:
    return list({row["finalist"]: row for row in reversed(rows)}.values())[::-1]


def _draw(rows: Sequence[Row], metric: str, text: str) -> Figure:
    candidates = _first_of_each(rows)[::-1]
    compared = any(row["vs_none"] is not None for row in candidates)
    figure, found, _ = panels(1 + compared, 2, 0.45 + 0.17 * len(candidates), share=False)
    for y, row in enumerate(candidates):
        seeds = [each["value"] for each in rows if each["finalist"] == row["finalist"]]
        scatter(found[0], seeds, np.full(len(seeds), y - 0.22), "|", color=GREY, label="one seed")
        _draw_mean(found[0], y, row, ("mean", "low", "high"), filled=True)
        if row["vs_none"] is not None:
            is_sure = row["holm_p"] is not None and row["holm_p"] <= ALPHA
            names = ("vs_none", "low_vs_none", "high_vs_none")
            _draw_mean(found[1], y, row, names, filled=is_sure)
    found[0].set_yticks(
        range(len(candidates)), [f"{r['finalist']} (n={r['n']})" for r in candidates]
    )
    found[0].set_xlabel(f"Test {metric}")
    for axes in found:
        axes.set_ylim(-0.6, len(candidates) - 0.4)
        axes.locator_params(axis="x", nbins=2)
    if compared:
        found[1].set_yticks(range(len(candidates)), [""] * len(candidates))
        found[1].axvline(0, color=GREY, linestyle=":", label="no dropout")
        found[1].set_xlabel("minus no dropout")
    title(figure, f"{text} on the test part")
    legend_below(figure)
    return figure


def _draw_mean(
    axes: Axes, y: float, row: Row, names: tuple[str, str, str], *, filled: bool
) -> None:
    mean, low, high = (row[name] for name in names)
    if low is not None:
        axes.plot([low, high], [y, y], color=BLACK, linewidth=1.0)
    kind = "mean, 95 % interval" if filled else f"mean, Holm p > {ALPHA}"
    face = ORANGE if filled else "white"
    axes.plot([mean], [y], "D", color=ORANGE, markerfacecolor=face, markersize=4, label=kind)
