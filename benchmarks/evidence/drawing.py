"""What the pictures of the document share: colours and type of tuner's plots, and their files."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from evidence.part import Found, Picture
from matplotlib import rc_context
from matplotlib.colors import LinearSegmentedColormap
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tuner.plots._drawing import STYLE
from tuner.plots.picture import BLUE, LIGHT, NAVY, PALE

WIDTH = 4.3
"""Inches: where this is 400 pixels, 7 points are 9."""

BLUES = LinearSegmentedColormap.from_list("blues", ["#ffffff", PALE, "#3D9BD6", BLUE, NAVY])
"""From none, over what dropout gains, to most."""

_DPI = 300
LOSS = LIGHT
"""Of a cell that dropout makes worse."""


@contextmanager
def style() -> Iterator[None]:
    """As tuner's own plots."""
    with rc_context(
        {
            **STYLE,
            "figure.constrained_layout.use": True,
            "axes.titley": None,
            "savefig.dpi": _DPI,
            "figure.dpi": _DPI,
        }
    ):
        yield


def write(picture: Picture, found: Found, folder: Path) -> None:
    """The file of a picture."""
    with style():
        figure = picture.draw(found)
        drawn = BytesIO()
        figure.savefig(drawn)
    info = PngInfo()
    info.add_itxt("Description", picture.text(found))
    Image.open(drawn).convert("RGB").quantize(128).save(
        folder / picture.file, optimize=True, pnginfo=info
    )


def shade(colour: tuple[float, float, float, float]) -> float:
    """How light a colour is, from 0 to 1."""
    red, green, blue, _ = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue
