"""The rates of all settings in one picture: which is best, which are safe, which gain."""

from collections.abc import Sequence
from functools import partial

from evidence.drawing import WIDTH
from evidence.ranges import HIGH, LOSS, LOW, said
from evidence.setting import Setting
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from tuner.plots.picture import BLUE, GREY, LIGHT, NAVY, PALE

FILE = "rates.png"
_ROW = 0.155
"""Inches of a setting."""

_LEGEND = 0.6
_SIZES = {"o": 3.2, "D": 5.0}
"""Of what stands for a rate, and for the best one."""


def text(settings: Sequence[Setting]) -> str:
    """The picture in words."""
    counted = said(settings).partition(" Some rate within")[0]
    return f"Best and safe dropout rates of {len(settings)} settings. {counted}"


def draw(settings: Sequence[Setting]) -> Figure:
    """A row for each setting, with the article's range behind all."""
    high = 0.45 + _ROW * (len(settings) + _gaps(settings))
    figure = Figure(figsize=(WIDTH, high + _LEGEND))
    parts = figure.subfigures(2, 1, squeeze=False, height_ratios=(high, _LEGEND))
    above, below = parts[:, 0]
    axes = above.subplots()
    axes.axvspan(LOW, HIGH, color=LIGHT, alpha=0.35, lw=0, label="the article's 0.2 to 0.5")
    places = _places(settings)
    for y, setting in zip(places, settings, strict=True):
        _row(axes, y, setting)
    axes.set_yticks(places, [_named(each) for each in settings])
    axes.set_ylim(max(places) + 0.7, -0.7)
    axes.set_xlim(-0.03, 0.93)
    axes.set_xlabel("dropout rate (0: none)")
    axes.grid(visible=False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    _legend(below, axes)
    return figure


def _row(axes: Axes, y: float, setting: Setting) -> None:
    rates = sorted(setting.gains)
    near = setting.near(LOSS)
    axes.plot([0, *rates], [y] * (len(rates) + 1), color=LIGHT, linewidth=0.6, zorder=1)
    axes.plot(
        [near[0], near[-1]], [y, y], color=PALE, linewidth=5, solid_capstyle="round", zorder=2
    )
    helpful = set(setting.helpful)
    for is_helpful in (True, False):
        own = [rate for rate in rates if (rate in helpful) == is_helpful]
        face = BLUE if is_helpful else "white"
        edge = BLUE if is_helpful else GREY
        _points(axes, own, y, "o", face, edge)
    is_told = setting.word == "helps" and setting.best > 0
    colour = NAVY if setting.best else GREY
    face = colour if is_told or not setting.best else "white"
    _points(axes, [setting.best], y, "D", face, colour)


def _points(
    axes: Axes, rates: Sequence[float], y: float, marker: str, face: str, edge: str
) -> None:
    if rates:  # an empty line that is not clipped counts as one at the corner of the figure
        axes.plot(
            rates,
            [y] * len(rates),
            linestyle="none",
            zorder=3,
            clip_on=False,
            marker=marker,
            markersize=_SIZES[marker],
            markerfacecolor=face,
            color=edge,
        )


def _named(setting: Setting) -> str:
    data = "MNIST, " if setting.part == "few_rows" else ""
    return data + setting.name.replace("BatchNormalization", "BN")


def _places(settings: Sequence[Setting]) -> list[float]:
    """Rows of a part stand together."""
    places, y = [], 0.0
    for i, setting in enumerate(settings):
        if i:
            y += 1.0 if setting.part == settings[i - 1].part else 1.6
        places.append(y)
    return places


def _gaps(settings: Sequence[Setting]) -> float:
    return 0.6 * (len({each.part for each in settings}) - 1)


def _legend(figure: SubFigure, axes: Axes) -> None:
    axes.plot([], [], color=PALE, linewidth=5, label=f"costs less than {LOSS:g} points")
    point = partial(axes.plot, [], [], linestyle="none", marker="o", markersize=_SIZES["o"])
    point(color=BLUE, label="mean above none")
    point(color=GREY, markerfacecolor="white", label="not above none")
    diamond = partial(axes.plot, [], [], linestyle="none", marker="D", markersize=_SIZES["D"])
    diamond(color=NAVY, label="best rate, clear gain")
    diamond(color=NAVY, markerfacecolor="white", label="best rate, gain not clear")
    diamond(color=GREY, label="best: none")
    figure.legend(*axes.get_legend_handles_labels(), loc="center", ncols=2)
