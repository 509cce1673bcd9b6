"""Calibration: how many targets are within the intervals that should have so many of them."""

import numpy as np
from evidence import uci
from evidence.drawing import WIDTH
from evidence.part import Found, Picture
from evidence.training import LEVELS
from matplotlib.figure import Figure

from tuner.plots.picture import BLUE, GREY, NAVY, SKY

FILE = "calibration.png"
_HIGH = 2.3
_KINDS = {
    "none": ("no dropout", GREY, "s"),
    "standard": ("Monte Carlo", BLUE, "o"),
    "concrete": ("concrete", NAVY, "^"),
    "variational": ("variational", SKY, "D"),
}


def text(found: Found) -> str:
    """The picture in words."""
    said = [
        f"{_KINDS[kind][0]} on {table} {100 * own[-1]:.0f} %"
        for (table, kind), own in sorted(uci.shares(found).items())
    ]
    return (
        "The share of targets of the test rows within central intervals, against what it should be"
        f" (mean over splits). Of those of 90 % have: {', '.join(said)}."
    )


def draw(found: Found) -> Figure:
    """A panel for each table."""
    own = uci.shares(found)
    figure = Figure(figsize=(WIDTH, _HIGH))
    panels = figure.subplots(1, len(uci.TABLES), sharey=True)
    levels = 100 * np.array(LEVELS)
    for axes, table in zip(panels, uci.TABLES, strict=True):
        axes.plot([0, 100], [0, 100], color="#222222", linestyle=":", linewidth=0.8)
        for kind, (words, colour, marker) in _KINDS.items():
            if (table, kind) in own:
                values = 100 * np.array(own[table, kind])
                axes.plot(levels, values, color=colour, marker=marker, markersize=3, label=words)
        axes.set(title=table, xlabel="should be within, %", xlim=(0, 100), ylim=(0, 100))
        axes.set_aspect("equal")
    panels[0].set_ylabel("is within, %")
    panels[0].legend(loc="upper left")
    return figure


PICTURE = Picture(FILE, text, draw)
