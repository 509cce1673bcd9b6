"""Results -> the plots that the dashboard shows -> Plotly figures."""

from collections.abc import Callable, Iterator, Mapping

from plotly import graph_objects as go

from tuner.comparison.result import ComparisonResult
from tuner.dashboard.drawing import draw
from tuner.dashboard.thinning import thinned
from tuner.plots.candidates import candidates_compared
from tuner.plots.learned_rates import learned_rates
from tuner.plots.learning_curves import learning_curves
from tuner.plots.picture import Picture
from tuner.plots.plot import NotEnoughDataError, Plot
from tuner.plots.value_by_rate import value_by_rate
from tuner.plots.variants import variants
from tuner.study.results import Results

CANDIDATES = "candidates"
"""The name under which stores keep the figure of a comparison."""

_PLOTS: Mapping[str, Callable[[Results], Plot]] = {
    "value-by-rate": value_by_rate,
    "variants": variants,
    "learning-curves": learning_curves,
    "learned-rates": learned_rates,
}


def of_study(results: Results, result: ComparisonResult | None) -> dict[str, go.Figure]:
    """The figures of a study that has the trials for them, by the name that each is kept under."""
    return {name: figure_of(plot) for name, plot in plots(results)} | of_comparison(result)


def of_comparison(result: ComparisonResult | None) -> dict[str, go.Figure]:
    """The figure of a comparison, where there is one."""
    if result is None:
        return {}
    return {CANDIDATES: figure_of(candidates_compared(result.results, result.trials))}


def plots(results: Results) -> Iterator[tuple[str, Plot]]:
    """The plots of the trials of a search, by the names of their figures."""
    for name, make in _PLOTS.items():
        try:
            yield name, make(results)
        except NotEnoughDataError:
            continue


def figure_of(plot: Plot) -> go.Figure:
    """The figure of a plot that is more than a function of Matplotlib."""
    if not isinstance(plot.picture, Picture):
        raise TypeError(f"{plot.title!r} can be drawn by Matplotlib only")
    return draw(thinned(plot.picture))
