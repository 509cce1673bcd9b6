"""Learning curves, without dropout and with the best dropout: the three plots of the article."""

from collections.abc import Callable, Sequence

from matplotlib.figure import Figure

from tuner.plots._drawing import (
    BLUE,
    ORANGE,
    NotEnoughDataError,
    describe,
    legend_below,
    metric_label,
    whole_numbers,
)
from tuner.results import EpochRow, Results, TrialRow

Curves = tuple[list[int], list[float], list[float]]


def metric_side_by_side(results: Results) -> Figure:
    """The metric by epoch, without dropout on the left, with the best dropout on the right."""
    return _side_by_side(results, metric_label(results), _values)


def loss_side_by_side(results: Results) -> Figure:
    """The data loss by epoch, without dropout on the left, with the best dropout on the right."""
    return _side_by_side(results, "Loss", _losses)


def metric_all(results: Results) -> Figure:
    """The four curves of `metric_side_by_side` in one panel."""
    pair = without_and_with(results)
    figure = Figure(figsize=(6.4, 4.0))
    axes = figure.subplots()
    for trial, color, who in zip(pair, (ORANGE, BLUE), ("without", "with"), strict=True):
        epochs, train, validation = _values(results.epochs_of(trial.number))
        axes.plot(epochs, train, color=color, linestyle="--", label=f"{who}: training (noise on)")
        axes.plot(epochs, validation, color=color, label=f"{who}: validation")
    axes.set_title(f"{results.definition.name}: {describe(pair[0])} | {describe(pair[1])}")
    axes.set_ylabel(metric_label(results))
    whole_numbers(axes, "Epoch")
    legend_below(figure, columns=2)
    return figure


def without_and_with(results: Results) -> tuple[TrialRow, TrialRow]:
    """The best trial without dropout and the best with any; NotEnoughDataError without both."""
    best = {row.variant: row.best for row in results.variants if row.best is not None}
    with_dropout = next((trial for name, trial in best.items() if name != "none"), None)
    if "none" not in best or with_dropout is None:
        raise NotEnoughDataError("needs a complete trial without and one with dropout")
    return best["none"], with_dropout


def _side_by_side(
    results: Results, label: str, curves: Callable[[Sequence[EpochRow]], Curves]
) -> Figure:
    pair = without_and_with(results)
    figure = Figure(figsize=(7.2, 3.4))
    panels = figure.subplots(1, 2, sharey=True)
    for axes, trial in zip(panels, pair, strict=True):
        epochs, train, validation = curves(results.epochs_of(trial.number))
        marker = "o" if len(epochs) < 3 else ""
        axes.plot(epochs, train, color=BLUE, linestyle="--", marker=marker, label="training")
        axes.plot(epochs, validation, color=ORANGE, marker=marker, label="validation")
        text = describe(trial)
        axes.set_title(text[0].upper() + text[1:])
        whole_numbers(axes, "Epoch")
    panels[0].set_ylabel(label)
    legend_below(figure)
    title = f"{results.definition.name}: {label} without and with dropout"
    figure.suptitle(f"{title} (training values with the noise on)")
    return figure


def _values(rows: Sequence[EpochRow]) -> Curves:
    return [r.epoch for r in rows], [r.train_value for r in rows], [r.val_value for r in rows]


def _losses(rows: Sequence[EpochRow]) -> Curves:
    return [r.epoch for r in rows], [r.train_loss for r in rows], [r.val_loss for r in rows]
