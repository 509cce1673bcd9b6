"""Learning curves, without dropout and with the best dropout: the three plots of the article."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from tuner.plots._limits import all_of, counted_from
from tuner.plots._words import capital, configuration, describe, metric_name, number
from tuner.plots.picture import (
    BLUE,
    GREY,
    LIGHT,
    SKY,
    Axis,
    Block,
    Line,
    Marker,
    Panel,
    Picture,
)
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow


def metric_side_by_side(results: Results, _finals: Results | None = None) -> Plot:
    """The metric by epoch, without dropout on the left, with the best dropout on the right."""
    return _side_by_side(results, metric_name(results), "value")


def loss_side_by_side(results: Results, _finals: Results | None = None) -> Plot:
    """The data loss by epoch, without dropout on the left, with the best dropout on the right."""
    return _side_by_side(results, "loss", "loss")


def metric_all(results: Results, _finals: Results | None = None) -> Plot:
    """The four curves of `metric_side_by_side` in one panel."""
    what = metric_name(results)
    rows = _rows(results, "value")
    text = f"{results.definition.name}: {what} without and with dropout"
    return Plot(text, _text(rows, what), rows, _all(rows, what, text))


def without_and_with(results: Results) -> tuple[TrialRow, TrialRow]:
    """The best trial without dropout and the best with any; NotEnoughDataError without both."""
    best = {row.variant: row.best for row in results.variants if row.best is not None}
    with_dropout = next((trial for name, trial in best.items() if name != "none"), None)
    if "none" not in best or with_dropout is None:
        raise NotEnoughDataError("needs a complete trial without and one with dropout")
    return best["none"], with_dropout


def _side_by_side(results: Results, what: str, column: str) -> Plot:
    rows = _rows(results, column)
    text = f"{results.definition.name}: {what} without and with dropout"
    return Plot(text, _text(rows, what), rows, _pair(rows, what, text))


def _rows(results: Results, column: str) -> list[Row]:
    rows: list[Row] = [
        {
            **configuration(trial),
            "epoch": epoch.epoch,
            "train": getattr(epoch, f"train_{column}"),
            "validation": getattr(epoch, f"val_{column}"),
        }
        for trial in without_and_with(results)
        for epoch in results.epochs_of(trial.number)
    ]
    if len({row["trial"] for row in rows}) < 2:
        raise NotEnoughDataError("the epochs of the best trials are not in the store")
    return rows


def _text(rows: Sequence[Row], what: str) -> str:
    ends = [
        f"{describe(trial[-1])} (trial {trial[-1]['trial']}) has {number(trial[-1]['validation'])}"
        f" on validation and {number(trial[-1]['train'])} on training rows"
        for trial in _by_trial(rows)
    ]
    epochs = rows[-1]["epoch"]
    return (
        f"{capital(what)} by epoch, one seed each. After {epochs} epochs {ends[0]}; {ends[1]}."
        " Training values are those of the noisy network."
    )


def _by_trial(rows: Sequence[Row]) -> list[list[Row]]:
    return [list(group) for _, group in groupby(rows, key=lambda row: row["trial"])]


def _pair(rows: Sequence[Row], what: str, text: str) -> Picture:
    """A panel a trial: the one without dropout, the one with it."""
    panels = [
        Panel(
            list(_lines(trial, "training (noise on)", "validation")),
            _epochs(rows),
            capital(describe(trial[0])),
        )
        for trial in _by_trial(rows)
    ]
    return Picture(f"{text} (one seed each)", [Block(panels, _values(rows, what), 1.6, columns=2)])


def _all(rows: Sequence[Row], what: str, text: str) -> Picture:
    marks = [
        line
        for trial in _by_trial(rows)
        for name in [describe(trial[0])]
        for line in _lines(trial, f"{name}: training", f"{name}: validation")
    ]
    title = f"{text} (one seed each; training with the noise on)"
    return Picture(title, [Block([Panel(marks, _epochs(rows))], _values(rows, what), 1.9)])


def _epochs(rows: Sequence[Row]) -> Axis:
    return Axis("Epoch", counted_from(1, max(row["epoch"] for row in rows)), is_whole=True)


def _values(rows: Sequence[Row], what: str) -> Axis:
    both = [row[name] for row in rows for name in ("train", "validation")]
    return Axis(capital(what), all_of(both), unit="%" if what == "accuracy" else "")


def _lines(rows: Sequence[Row], training: str, validation: str) -> Iterator[Line]:
    """Both of a trial: dashed the training, solid the validation."""
    is_none = rows[0]["variant"] == "none"
    epochs = [row["epoch"] for row in rows]
    for column, label, color, dashes in (
        ("train", training, LIGHT if is_none else SKY, "dashed"),
        ("validation", validation, GREY if is_none else BLUE, "solid"),
    ):
        curve = epochs, [row[column] for row in rows]
        marker: Marker = "square" if is_none else "circle"
        yield Line(label, [curve], color, dashes, marker=marker)  # type: ignore[arg-type]
