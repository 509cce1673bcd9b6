"""A plot as a picture."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from tuner.plots import _matplotlib
from tuner.plots._drawing import STYLE, lay_out
from tuner.plots.picture import Picture
from tuner.plots.plot import Plot
from tuner.plots.shapes import WIDE, Shape

FORMATS = ("png", "svg", "pdf")


def render(plot: Plot, formats: Sequence[str] = ("svg",), shape: Shape = WIDE) -> dict[str, bytes]:
    """The picture in each of `formats`, with the title and the words of the plot inside."""
    with rc_context(STYLE), _no_collection():
        figure = draw(plot, shape)
        return {name: _saved(figure, name, plot) for name in formats}


def draw(plot: Plot, shape: Shape = WIDE) -> Figure:
    """The plot as a figure, laid out as its files are."""
    with rc_context(STYLE):
        figure = figure_of(plot, shape)
        lay_out(figure)
    return figure


def figure_of(plot: Plot, shape: Shape = WIDE) -> Figure:
    """The plot as a figure of Matplotlib."""
    if isinstance(plot.picture, Picture):
        return _matplotlib.draw(plot.picture, shape)
    return plot.picture()


def warm_up(formats: Sequence[str] = ("png", "svg")) -> None:
    """Load the fonts and what writes each format."""
    render(Plot("", "", (), _small_figure), formats)


def _small_figure() -> Figure:
    figure = Figure(figsize=(1, 1))
    figure.subplots()
    return figure


def _saved(figure: Figure, name: str, plot: Plot) -> bytes:
    options: dict[str, dict[str, Any]] = {
        "png": {
            "pil_kwargs": {"compress_level": 3},
            "metadata": {"Title": plot.title, "Description": plot.text},
        },
        "svg": {"metadata": {"Date": None, "Title": plot.title, "Description": plot.text}},
        "pdf": {"metadata": {"CreationDate": None, "Title": plot.title, "Subject": plot.text}},
    }
    file = BytesIO()
    figure.savefig(file, format=name, **options[name])
    return file.getvalue()


@contextmanager
def _no_collection() -> Iterator[None]:
    """A figure is many small objects that live until it is saved: looking for garbage is vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
