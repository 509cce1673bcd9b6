"""Plots -> inline SVG for one page."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

from tuner.plots import PLOTS, rendering
from tuner.plots.plot import NotEnoughDataError, Plot
from tuner.study.results import Results

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_MANY_POINTS = 2_000
_DROPPED = ("metadata", "style", "title")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")


@dataclass(frozen=True)
class Picture:
    """A plot as it stands in a page: `text` tells those who do not see it what it shows."""

    name: str
    title: str
    text: str
    svg: Markup


def draw(results: Results, compared: Results | None = None) -> tuple[list[Picture], list[str]]:
    """Every plot of a study, and a line for each that it has too little data for."""
    pictures, left_out = [], []
    for name in PLOTS:
        try:
            plot = rendering.make(name, results, compared)
        except NotEnoughDataError as error:
            left_out.append(f"{name.replace('_', ' ')}: {error}")
        else:
            pictures.append(Picture(name, plot.title, plot.text, _inline(name, plot)))
    return pictures, left_out


def _inline(name: str, plot: Plot) -> Markup:
    with rc_context(_STYLE), warnings.catch_warnings():
        # Text stays text: it is the reader's browser that has the glyphs, or not.
        warnings.filterwarnings("ignore", message="Glyph")
        light = replace(plot, picture=lambda: _light(rendering.figure_of(plot)))
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
            yield name, _REFERENCE.sub(rf"url(#{prefix}\1)", value)


def _local(name: str) -> str:
    return name.rpartition("}")[2]
