"""A plot -> SVG that stands in a page, in the colours of the page."""

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
from matplotlib import rc_context
from matplotlib.figure import Figure

from tuner.export.report.colors import COLORS
from tuner.plots import rendering
from tuner.plots.plot import Plot
from tuner.plots.shapes import COLUMN

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
}
_MANY_POINTS = 2_000
_DROPPED = ("metadata", "style", "title")
_REFERENCE = re.compile(r"url\(#([^)]*)\)")
_COLOR = re.compile("#[0-9a-f]{6}")
_VARIABLES = {color.lower(): f"var(--{name})" for color, name in COLORS.items()}


def inline(name: str, plot: Plot) -> str:
    """The picture of a plot as an element of a page, where it is called `name`."""
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
    return ET.tostring(root, encoding="unicode")


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
