"""Results -> the plots that the dashboard shows -> Plotly figures."""

from collections.abc import Callable, Iterator, Mapping

from plotly import graph_objects as go

from tuner.comparison.result import ComparisonResult
from tuner.plots.answer import answer, compared_candidates
from tuner.plots.interactive import figure_of
from tuner.plots.learned_rates import learned_rates
from tuner.plots.learning_curves import learning_curves
from tuner.plots.plot import NotEnoughDataError, Plot
from tuner.plots.value_by_rate import value_by_rate
from tuner.study.results import Results

CANDIDATES = "candidates"
"""The name under which stores keep the figure of a comparison."""

_PLOTS: Mapping[str, Callable[[Results], Plot]] = {
    "answer": answer,
    "value-by-rate": value_by_rate,
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
    return {CANDIDATES: figure_of(compared_candidates(result.results, result.trials))}


def plots(results: Results) -> Iterator[tuple[str, Plot]]:
    """The plots of the trials of a search, by the names of their figures."""
    for name, make in _PLOTS.items():
        try:
            yield name, make(results)
        except NotEnoughDataError:
            continue
