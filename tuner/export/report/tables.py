"""Results and verdict -> the tables of a report, in words."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from tuner.comparison.claims import Claims
from tuner.comparison.result import ComparisonResult
from tuner.schema import describe
from tuner.study import formatting, summary
from tuner.study.results import Results, TrialRow

Cells = Sequence[Sequence[str]]
_MEASURES = {
    "gap": "train - test without noise",
    "nll": "negative log likelihood",
    "ece": "calibration error",
    "auroc": "of the entropy of a prediction, for its errors",
    "passes nll": "and so on, of the mean of 20 noisy passes",
}
_METRICS = {
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
    "mse": "mean squared error",
    "nll": "negative log likelihood",
    "auc": "area under the ROC curve",
    "auc_pr": "area under the curve of precision and recall",
    "iou": "intersection over union",
    "r2": "coefficient of determination",
    "mape": "mean absolute percentage error",
    "msle": "mean squared logarithmic error",
}
_LEADERS = 10


@dataclass(frozen=True)
class Table:
    """A table of texts; the columns in `words` are read, the others are compared as numbers.

    `long` is the column whose texts may take several lines. `order` is the column that the rows are
    sorted by and the direction, where they can be sorted.
    """

    title: str
    caption: str
    titles: Sequence[str]
    rows: Cells
    words: frozenset[int] = frozenset({0})
    long: int | None = None
    order: tuple[int, str] | None = None

    @property
    def kinds(self) -> Sequence[Markup]:
        """The attribute of HTML that the cells of each column have, if any."""
        places = range(len(self.titles))
        return [
            Markup(' class="w long"' if place == self.long else ' class="w"')  # noqa: S704
            if place == self.long or place in self.words
            else Markup("")
            for place in places
        ]


@dataclass(frozen=True)
class Section:
    """A part of the page that consists of tables."""

    name: str
    title: str
    tables: Sequence[Table]


def metric(results: Results) -> str:
    """The metric, what it is short for, and which way is better."""
    better = "larger" if results.maximize else "smaller"
    words = _METRICS.get(results.metric)
    return f"{results.metric} ({f'{words}, ' if words else ''}{better} is better)"


def appendix(
    results: Results, result: ComparisonResult | None, claims: Claims | None
) -> Iterator[Section]:
    """What few readers look up, behind the answer."""
    yield Section("variants", "Best trial of each variant", [variants(results)])
    if result is not None and (more := list(measured(result))):
        yield Section("measured", "What else was measured", more)
    if claims is not None:
        yield Section("claims", "What dropout is said to do", [claimed(claims)])
    yield Section("space", "Search space", [space(results)])
    yield Section("trials", "All trials", [trials(results)])


def variants(results: Results) -> Table:
    """The best trial of each variant."""
    titles, rows = summary.variants_table(results)
    titles, *rows = ([*row[:3], *row[4:], row[3]] for row in (titles, *rows))
    caption = " ".join(filter(None, (summary.LEGEND, summary.too_few(results))))
    title = "The best trial of each variant"
    return Table(title, caption, titles, rows, frozenset({0, 6}), long=6)


def measured(result: ComparisonResult) -> Iterator[Table]:
    """What else was measured of the candidates, and on other splits."""
    titles, rows = result.more()
    known = "; ".join(f"{name}: {text}" for name, text in _MEASURES.items() if name in titles)
    if len(titles) > 1:
        yield Table("Means over seeds", f"{known}.", titles, rows)
    if result.splits:
        yield Table("The same on other splits of the rows", "", *result.over_splits())


def claimed(claims: Claims) -> Table:
    """The claims, each measured without and with dropout."""
    titles, rows = claims.table()
    named: list[list[str]] = []
    for name, *cells in rows:
        named.append([name or named[-1][0], *cells])
    caption = " ".join(claims.lines())
    return Table("What dropout did", caption, titles, named, frozenset({0, 1, 5}))


def space(results: Results) -> Table:
    """What was searched, and what was fixed."""
    definition = results.definition
    rows = [[name, describe(axis)] for name, axis in results.sampled.items()]
    used = {name: value for trial in results.trials for name, value in trial.params.items()}
    rows += [[name, str(used[name])] for name in used if name in results.fixed]
    search = definition.search
    caption = (
        "Ranges and choices that trials were drawn from, and fixed values. Sampler"
        f" {search.sampler}, pruner {search.pruner}, {definition.training.epochs} epochs."
    )
    titles = ["parameter", "values"]
    return Table("Search space", caption, titles, rows, frozenset({0, 1}), long=1)


def leaders(results: Results) -> Table:
    """The ten trials of the best values."""
    n = min(_LEADERS, len(results.trials))
    title, caption = f"The best {n} of {len(results.trials)} trials", f"One seed each; {_LEGEND}"
    return replace(_trials(results, n), title=title, caption=caption, order=None)


_LEGEND = (
    "gap: train - validation without noise; s: seconds of training; last epoch: what was reported"
    " last, also by trials that were pruned."
)


def trials(results: Results) -> Table:
    """Every trial, the best first."""
    return _trials(results, len(results.trials))


def _trials(results: Results, n: int) -> Table:
    """The best `n` trials."""
    titles = ["trial", "state", "variant", results.metric, "last epoch", "gap", "epochs", "s"]
    sign = -1 if results.maximize else 1

    def rank(row: TrialRow) -> tuple[float, bool, float, int]:
        value, last = (math.inf if v is None else sign * v for v in (row.value, row.last_value))
        return value, row.state == "FAIL", last, row.number

    return Table(
        f"All {len(results.trials)} trials",
        _LEGEND,
        [*titles, "params, and why it failed"],
        [_trial(row, results) for row in sorted(results.trials, key=rank)[:n]],
        frozenset({1, 2, 8}),
        long=8,
        order=(3, "descending" if results.maximize else "ascending"),
    )


def _trial(row: TrialRow, results: Results) -> list[str]:
    params = summary.trial_text(row, without=("variant", *results.fixed))
    return [
        str(row.number),
        row.state.lower(),
        row.variant,
        formatting.number(row.value),
        formatting.number(row.last_value),
        formatting.signed(row.gap),
        str(row.n_epochs),
        formatting.rounded(row.seconds),
        "; ".join(text for text in (params, row.error) if text),
    ]
