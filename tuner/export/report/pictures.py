"""Plots -> what a page holds of them: SVG, and what Plotly draws."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from tuner.plots import DEFAULT
from tuner.plots.helpers import Helpers
from tuner.plots.interactive import document_of
from tuner.plots.making import in_order, make
from tuner.plots.plot import NotEnoughDataError, Row
from tuner.study.results import Results

_INLINE = "tuner.export.report.inline:inline"
"""What loads Matplotlib, where it is drawn."""


@dataclass(frozen=True)
class Picture:
    """A plot as it stands in a page: `text` tells those who do not see it what it shows.

    `figure` is JSON for Plotly.
    """

    name: str
    title: str
    text: str
    rows: Sequence[Row]
    figure: Markup
    finish: Callable[[], str]

    @property
    def svg(self) -> Markup:
        """As wide as a column of print, to be read on a phone too; waits until it is drawn."""
        return Markup(self.finish())  # noqa: S704 (written by us)


def draw(
    results: Results,
    compared: Results | None = None,
    names: Sequence[str] = tuple(DEFAULT),
    helpers: Helpers | None = None,
) -> tuple[list[Picture], list[str]]:
    """Begin to draw plots of a study: these, and a line for each that it has too little data for.

    Without helpers each is drawn where its `svg` is asked for.
    """
    who = Helpers() if helpers is None else helpers
    begun = {name: _begun(results, compared, name, who) for name in in_order(names)}
    found = [begun[name] for name in names]
    pictures = [each for each in found if isinstance(each, Picture)]
    return pictures, [each for each in found if isinstance(each, str)]


def _begun(
    results: Results, compared: Results | None, name: str, helpers: Helpers
) -> Picture | str:
    try:
        plot = make(name, results, compared)
    except NotEnoughDataError as error:
        return f"{name.replace('_', ' ')}: {error}"
    finish = helpers.begin(_INLINE, name, replace(plot, rows=()))
    figure = _data(document_of(plot))
    return Picture(name, plot.title, plot.text, plot.rows, figure, finish)


def _data(document: dict[str, Any]) -> Markup:
    """JSON as it may stand in a script: nothing in it closes that."""
    text = json.dumps(document, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704
