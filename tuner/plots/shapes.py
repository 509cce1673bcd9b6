"""What pictures are drawn for."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """Inches wide and high, None as high as a picture needs, and dots an inch.

    All texts have 7 points: where either is shown 400 pixels wide, these are 9 pixels or more.
    """

    width: float
    height: float | None
    dpi: float


WIDE = Shape(4.3, 4.3 * 9 / 16, 1920 / 4.3)
"""16:9, 1920 x 1080 pixels."""

COLUMN = Shape(8 / 2.54, None, 320.0)
"""A column of print."""
