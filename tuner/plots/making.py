"""A plot by its name."""

from collections.abc import Sequence

from tuner import importer
from tuner.plots import PLOTS
from tuner.plots.plot import Plot
from tuner.study.results import Results

_WITHOUT_MODEL = ("learning_curves", "importance")


def make(name: str, results: Results, compared: Results | None = None) -> Plot:
    """One of PLOTS of a study; NotEnoughDataError says what the study lacks for it."""
    plot: Plot = importer.load(PLOTS[name])(results, compared)
    return plot


def in_order(names: Sequence[str]) -> list[str]:
    """First those that need no model of the trials, for which half a second of SciPy is loaded."""
    return sorted(names, key=lambda name: name not in _WITHOUT_MODEL)
