"""Where the panels of a picture stand in a figure, in shares of its width and height."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tuner.plots.picture import Block, Panel, Picture

_MOST_COLUMNS = 4
_BESIDE, _BELOW, _BELOW_BLOCK = 0.02, 0.1, 0.2
"""The gaps: between columns, above a row for its titles, above a block for those and an axis."""

Ends = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """Where a panel stands, and its block along the figure; `first` is the number of its first.

    `is_named_above`: whether its y axis is that of the block above, which has the label.
    """

    block: Block
    panel: Panel
    number: int
    first: int
    across: Ends
    along: Ends
    of_block: Ends
    is_left: bool
    is_lowest: bool
    is_named_above: bool


def places(picture: Picture) -> Iterator[Place]:
    """A place for each panel, block by block."""
    heights = [block.height * _n_rows(block) for block in picture.blocks]
    free = 1 - _BELOW_BLOCK * (len(heights) - 1)
    top, number = 1.0, 1
    for block, height in zip(picture.blocks, heights, strict=True):
        bottom = top - free * height / sum(heights)
        is_named = number > 1 and block.y == picture.blocks[0].y
        for place in _within(block, (max(0.0, bottom), top), number):
            yield replace(place, is_named_above=is_named)
        top, number = bottom - _BELOW_BLOCK, number + len(block.panels)


def _n_columns(block: Block) -> int:
    """As in print, where that is one row: else more of them, as a page is wider than high."""
    n = len(block.panels)
    return n if n <= block.columns else min(_MOST_COLUMNS, math.ceil(math.sqrt(n)))


def _n_rows(block: Block) -> int:
    return -(-len(block.panels) // _n_columns(block))


def _within(block: Block, along: Ends, first: int) -> Iterator[Place]:
    n, columns = len(block.panels), _n_columns(block)
    width = (1 + _BESIDE) / columns
    height = (along[1] - along[0] + _BELOW) / _n_rows(block)
    for i, panel in enumerate(block.panels):
        row, column = divmod(i, columns)
        top = along[1] - row * height
        yield Place(
            block,
            panel,
            first + i,
            first,
            (column * width, (column + 1) * width - _BESIDE),
            (max(0.0, top - height + _BELOW), top),
            along,
            is_left=column == 0,
            is_lowest=i + columns >= n,
            is_named_above=False,
        )
