"""When dropout helps, in one picture: rows by labels redrawn, and below what each rate gains."""

from collections.abc import Mapping
from functools import partial

from evidence import saying, written
from evidence.drawing import BLUES, LOSS, WIDTH, shade
from evidence.few_rows import REDRAWN, ROWS, settings, title
from evidence.part import Found, Picture
from evidence.setting import Setting
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from tuner.plots.picture import BLACK, BLUE, GREY, NAVY, PALE, SKY

FILE = "when_dropout_helps.png"
_COLOURS = dict(zip(ROWS, (PALE, SKY, BLUE, NAVY, BLACK), strict=True))
_MARKERS = dict(zip(ROWS, "osD^v", strict=True))
_HIGH = 3.75

Cells = Mapping[str, Setting]


def text(found: Found) -> str:
    """The picture in words."""
    cells = settings(found)
    return (
        "Points of test accuracy that the best dropout rate gains over none, by rows trained on"
        f" and labels redrawn. {saying.counted(cells, 'cells')} {saying.extremes(cells)}"
    )


def draw(found: Found) -> Figure:
    """The map, and below it a panel of curves for each share of redrawn labels."""
    cells = {each.name: each for each in settings(found)}
    figure = Figure(figsize=(WIDTH, _HIGH))
    parts = figure.subfigures(3, 1, squeeze=False, height_ratios=(2.1, 1.4, 0.25))
    above, middle, below = parts[:, 0]
    _map(above.subplots(), cells)
    panels = middle.subplots(1, len(REDRAWN), sharey=True)
    for axes, share in zip(panels, REDRAWN, strict=True):
        _curves(axes, cells, share)
    panels[0].set_ylabel("points gained")
    panels[1].set_xlabel("dropout rate")
    handles = {
        line.get_label(): line for axes in panels for line in axes.get_legend_handles_labels()[0]
    }
    keys = [f"{n:,}" for n in ROWS if f"{n:,}" in handles]
    below.legend(
        [handles[key] for key in keys],
        [f"{key} rows" if key == keys[0] else key for key in keys],
        loc="center",
        ncols=len(keys),
    )
    return figure


def _map(axes: Axes, cells: Cells) -> None:
    most = max(each.mean(each.chosen) for each in cells.values())
    for x, n in enumerate(ROWS):
        for y, share in enumerate(REDRAWN):
            if cell := cells.get(title(n, share)):
                _cell(axes, x, y, cell, most)
    axes.set_xlim(-0.5, len(ROWS) - 0.5)
    axes.set_ylim(-0.5, len(REDRAWN) - 0.5)
    axes.set_xticks(range(len(ROWS)), [f"{n:,}" for n in ROWS])
    axes.set_yticks(range(len(REDRAWN)), [f"{share} %" for share in REDRAWN])
    axes.set_xlabel("rows trained on")
    axes.set_ylabel("labels redrawn")
    axes.grid(visible=False)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("MNIST: points of test accuracy that dropout adds, ± 95 %, and its rate")


def _cell(axes: Axes, x: int, y: int, cell: Setting, most: float) -> None:
    gain = cell.mean(cell.chosen)
    low, high = written.interval(cell.values(cell.chosen))
    share = max(gain, 0) / max(most, 1e-9)
    face = BLUES(share**0.6) if gain > 0 else to_rgba(LOSS)
    axes.add_patch(Rectangle((x - 0.48, y - 0.47), 0.96, 0.94, facecolor=face, edgecolor="none"))
    colour = "white" if gain > 0 and shade(face) < 0.55 else BLACK
    is_told = cell.word != "not told"
    weight = "bold" if is_told else "normal"
    write = partial(axes.text, x, ha="center", va="center", color=colour)
    write(y + 0.24, written.signed(gain), fontsize=10, weight=weight)
    spread = f"± {(high - low) / 2:.1f}" if high < 1000 else "(one seed)"
    write(y - 0.05, spread, fontsize=7)
    write(y - 0.30, f"at {cell.chosen:g}", fontsize=7)


def _curves(axes: Axes, cells: Cells, share: int) -> None:
    axes.axhline(0, color=GREY, linewidth=1.2)
    for n in ROWS:
        if cell := cells.get(title(n, share)):
            rates = sorted(cell.gains)
            axes.plot(
                [0, *rates],
                [0, *(cell.mean(rate) for rate in rates)],
                color=_COLOURS[n],
                marker=_MARKERS[n],
                markersize=2.5,
                label=f"{n:,}",
            )
    axes.set_title(f"{share} % redrawn")
    axes.set_xticks((0, 0.2, 0.5, 0.8), ("0", ".2", ".5", ".8"))


PICTURE = Picture(FILE, text, draw)
