"""Learning curves, without dropout and with the best dropout: the three plots of the article."""

from collections.abc import Sequence
from itertools import groupby

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tuner.plots._drawing import legend_below, panels, title, whole_numbers
from tuner.plots._words import capital, configuration, describe, metric_name, number
from tuner.plots.picture import BLUE, ORANGE
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
    return Plot(text, _text(rows, what), rows, lambda: _draw_all(rows, what, text))


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
    return Plot(text, _text(rows, what), rows, lambda: _draw_pair(rows, what, text))


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


def _draw_pair(rows: Sequence[Row], what: str, text: str) -> Figure:
    figure, both, _ = panels(2, 2, 1.6)
    for axes, trial in zip(both, _by_trial(rows), strict=True):
        _draw_trial(axes, trial, (BLUE, ORANGE), ("training (noise on)", "validation"))
        axes.set_title(capital(describe(trial[0], "\n")))
        whole_numbers(axes, "Epoch")
    both[0].set_ylabel(capital(what))
    legend_below(figure)
    title(figure, f"{text} (one seed each)")
    return figure


def _draw_all(rows: Sequence[Row], what: str, text: str) -> Figure:
    figure, (axes,), _ = panels(1, 1, 1.9)
    for trial, color in zip(_by_trial(rows), (ORANGE, BLUE), strict=True):
        name = describe(trial[0])
        markers = "s" if color == ORANGE else "o"
        labels = (f"{name}: training", f"{name}: validation")
        _draw_trial(axes, trial, (color, color), labels, markers)
    axes.set_ylabel(capital(what))
    whole_numbers(axes, "Epoch")
    legend_below(figure, 1)
    title(figure, f"{text} (one seed each; training with the noise on)")
    return figure


def _draw_trial(
    axes: Axes,
    rows: Sequence[Row],
    colors: tuple[str, str],
    labels: tuple[str, str],
    marker: str = "",
) -> None:
    epochs = [row["epoch"] for row in rows]
    every = max(1, len(epochs) // 5)
    marker = marker or ("o" if len(epochs) < 3 else "")
    for name, color, label, dashes in zip(
        ("train", "validation"), colors, labels, ("--", "-"), strict=True
    ):
        values = [row[name] for row in rows]
        axes.plot(epochs, values, dashes, color=color, marker=marker, markevery=every, label=label)
