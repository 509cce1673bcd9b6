"""Pictures of very many trials, made small enough to be read whenever a page is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from tuner.plots.picture import Block, Curve, Line, Mark, Panel, Picture, Points

MOST_POINTS, MOST_CURVES = 80, 20
"""So many points of a mark or a curve, and curves of a mark, are drawn."""

T = TypeVar("T")


def thinned(picture: Picture) -> Picture:
    """The picture with some of the points of each mark, evenly; where it has fewer, it says so."""
    found = replace(picture, blocks=[_block(block) for block in picture.blocks])
    if found == picture:
        return picture
    return replace(found, title=f"{picture.title}; at most {MOST_POINTS} points of a kind drawn")


def spread(values: Sequence[T], most: int) -> Sequence[T]:
    """At most so many of them, evenly from the first to the last."""
    n = len(values)
    if n <= most:
        return values
    return [values[round(i * (n - 1) / (most - 1))] for i in range(most)]


def _block(block: Block) -> Block:
    return replace(block, panels=[_panel(panel) for panel in block.panels])


def _panel(panel: Panel) -> Panel:
    return replace(panel, marks=[_mark(mark) for mark in panel.marks])


def _mark(mark: Mark) -> Mark:
    if isinstance(mark, Points):
        return replace(
            mark,
            x=spread(mark.x, MOST_POINTS),
            y=spread(mark.y, MOST_POINTS),
            numbers=spread(mark.numbers, MOST_POINTS),
        )
    if isinstance(mark, Line):
        curves = [_curve(each) for each in spread(mark.curves, MOST_CURVES)]
        band = mark.band and (spread(mark.band[0], MOST_POINTS), spread(mark.band[1], MOST_POINTS))
        return replace(mark, curves=curves, band=band)
    return mark


def _curve(curve: Curve) -> Curve:
    return spread(curve[0], MOST_POINTS), spread(curve[1], MOST_POINTS)
