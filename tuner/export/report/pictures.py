"""Plots -> what a page holds of them: SVG, and what Plotly draws."""

import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from tuner.plots import DEFAULT, picture, rendering
from tuner.plots._sharing import share
from tuner.plots.interactive import document_of
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.plots.shapes import COLUMN
from tuner.study.curves.fitting import fit
from tuner.study.results import Results

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_MANY_POINTS = 2_000
_DROPPED = ("metadata", "style", "title")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_COLOR = re.compile("#[0-9a-f]{6}")

COLORS = {
    "#000000": "ink",
    picture.BLACK: "ink",
    "#ffffff": "page",
    "#dddddd": "grid",
    picture.BLUE: "blue",
    picture.NAVY: "navy",
    picture.SKY: "sky",
    picture.PALE: "pale",
    picture.GREY: "grey",
    picture.LIGHT: "light",
}
"""The colours that a page has its own of, in light and dark."""

_VARIABLES = {color.lower(): f"var(--{name})" for color, name in COLORS.items()}


@dataclass(frozen=True)
class Picture:
    """A plot as it stands in a page: `text` tells those who do not see it what it shows.

    `svg` is as wide as a column of print, to be read on a phone too; `figure` is JSON for Plotly.
    """

    name: str
    title: str
    text: str
    rows: Sequence[Row]
    svg: Markup
    figure: Markup


def draw(
    results: Results, compared: Results | None = None, names: Sequence[str] = tuple(DEFAULT)
) -> tuple[list[Picture], list[str]]:
    """Plots of a study, and a line for each that it has too little data for."""
    fit(results)  # once, not in every process
    found = share([partial(_draw, results, compared, name) for name in names])()
    pictures = [each for each in found if isinstance(each, Picture)]
    return pictures, [each for each in found if isinstance(each, str)]


def _draw(results: Results, compared: Results | None, name: str) -> Picture | str:
    try:
        plot = rendering.make(name, results, compared)
    except NotEnoughDataError as error:
        return f"{name.replace('_', ' ')}: {error}"
    figure = _data(document_of(plot))
    return Picture(name, plot.title, plot.text, plot.rows, _inline(name, plot), figure)


def _data(document: dict[str, Any]) -> Markup:
    """JSON as it may stand in a script: nothing in it closes that."""
    text = json.dumps(document, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def _inline(name: str, plot: Plot) -> Markup:
    with rc_context(_STYLE), warnings.catch_warnings():
        # Text stays text: it is the reader's browser that has the glyphs, or not.
        warnings.filterwarnings("ignore", message="Glyph")
        light = replace(plot, picture=lambda: _light(rendering.figure_of(plot, COLUMN)))
        svg = rendering.render(light, ("svg",))["svg"]
    root = ET.fromstring(svg)  # noqa: S314 (written by matplotlib)
    _for_html(root, prefix=f"{name}-")
    root.attrib = {
        "viewBox": root.attrib["viewBox"],
        "role": "img",
        "aria-label": plot.title,
        "aria-describedby": f"{name}-text",
    }
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 (escaped by tostring)


def _light(figure: Figure) -> Figure:
    """Panels of very many points hold their lines as a picture, but for those on top."""
    for axes in figure.axes:
        if sum(np.size(line.get_xdata()) for line in axes.lines) > _MANY_POINTS:
            axes.set_rasterization_zorder(2.5)
    return figure


def _for_html(root: ET.Element, prefix: str) -> None:
    """Names without namespaces, ids that no other picture of the page has, nothing for all."""
    for element in root.iter():
        element.tag = _local(element.tag)
        element.attrib = {_local(k): v for k, v in _renamed(element, prefix)}
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag in _DROPPED]:
            parent.remove(child)


def _renamed(element: ET.Element, prefix: str) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name == "id":
            yield name, prefix + value
        elif _local(name) == "href" and value.startswith("#"):
            yield name, f"#{prefix}{value[1:]}"
        else:
            yield name, _COLOR.sub(_own, _REFERENCE.sub(rf"url(#{prefix}\1)", value))


def _own(found: re.Match[str]) -> str:
    """The page's own of a colour."""
    return _VARIABLES.get(found[0], found[0])


def _local(name: str) -> str:
    return name.rpartition("}")[2]
