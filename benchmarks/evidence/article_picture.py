"""The article's three pictures, and the gap: accuracy by epoch without dropout and with it."""

from collections.abc import Callable, Sequence

import numpy as np
from evidence.article import said
from evidence.case import Training
from evidence.drawing import WIDTH
from evidence.part import Found, Picture
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from tuner.plots.picture import BLUE, GREY

FILE = "accuracy_by_epoch.png"
_HIGH = 3.9
_KINDS = {"none": ("no dropout", GREY), "standard": ("dropout 0.5", BLUE)}


def text(found: Found) -> str:
    """The picture in words."""
    return (
        "Accuracy by epoch on the rows that are trained on and on validation rows, without dropout,"
        f" with it, and both; and the gap of the two. {said(found)}"
    )


def draw(found: Found) -> Figure:
    """Four panels: without, with, validation of both, the gap of both."""
    figure = Figure(figsize=(WIDTH, _HIGH))
    (first, second), (third, fourth) = figure.subplots(2, 2, sharex=True)
    for axes, kind in ((first, "none"), (second, "standard")):
        words, colour = _KINDS[kind]
        own = _of(found, kind)
        _line(axes, [each.train for each in own], colour, "training, as fit shows it", "--")
        _line(axes, [each.validation for each in own], colour, "validation", "-")
        axes.set_title(words)
        axes.legend(loc="lower right")
    _both(third, found, lambda each: each.validation)
    third.set_title("validation, both")
    third.legend(loc="lower right")
    _both(fourth, found, _gap)
    fourth.axhline(0, color="#222222", linewidth=0.6)
    fourth.set_title("training less validation")
    _limit(first, second)
    _limit_to_later(third)
    _limit_to_later(fourth)
    for axes in (first, third):
        axes.set_ylabel("accuracy, %")
    for axes in (third, fourth):
        axes.set_xlabel("epoch")
    seeds = len({each.seed for each in found})
    figure.supxlabel(f"means of {seeds} seeds, shaded: 95 % intervals", fontsize=7, color=GREY)
    return figure


def _gap(each: Training) -> list[float]:
    return [train - judged for train, judged in zip(each.train, each.validation, strict=True)]


def _both(axes: Axes, found: Found, curve: Callable[[Training], Sequence[float]]) -> None:
    for kind, (words, colour) in _KINDS.items():
        _line(axes, [curve(each) for each in _of(found, kind)], colour, words, "-")


def _of(found: Found, kind: str) -> list[Training]:
    return [each for each in found if each.variant == kind and each.measured]


def _line(
    axes: Axes, curves: Sequence[Sequence[float]], colour: str, label: str, dashes: str
) -> None:
    values = 100 * np.asarray(curves)
    epochs, mean = np.arange(1, values.shape[1] + 1), values.mean(axis=0)
    axes.plot(epochs, mean, color=colour, linestyle=dashes, label=label)
    if len(values) > 1:
        half = stats.t.ppf(0.975, len(values) - 1) * stats.sem(values, axis=0)
        axes.fill_between(epochs, mean - half, mean + half, color=colour, alpha=0.2, lw=0)


def _limit(*panels: Axes) -> None:
    """The same accuracies in both: from 90 %, where the first epochs would squeeze the rest."""
    low = max(90.0, min(axes.get_ylim()[0] for axes in panels))
    for axes in panels:
        axes.set_ylim(low, 100.2)


def _limit_to_later(axes: Axes) -> None:
    """The first epoch is far from all others."""
    later = [values[1:] for line in axes.lines if len(values := np.asarray(line.get_ydata())) > 2]
    if later:
        low, high = min(map(np.min, later)), max(map(np.max, later))
        axes.set_ylim(low - 0.1 * (high - low), high + 0.1 * (high - low))


PICTURE = Picture(FILE, text, draw)
