"""The answer as a picture: candidates against the same networks without dropout."""

from collections.abc import Mapping, Sequence

from tuner.comparison.scores import scores_of, trials_of
from tuner.comparison.statistics.pairwise import Comparison, Standing, compare
from tuner.plots._forest import draw
from tuner.plots._intervals import Ends, better, clipped, ends_of
from tuner.plots._words import capital, counted, metric_name, number, unit
from tuner.plots.plot import NotEnoughDataError, Plot, Row
from tuner.schema import Params
from tuner.study.curves.answer import Curves
from tuner.study.curves.fitting import FEWEST, fit
from tuner.study.curves.known import Known
from tuner.study.curves.points import drops_nothing
from tuner.study.results import Results, TrialRow

BySeed = Mapping[int, TrialRow]
_MOST = 9
"""So many candidates are drawn; the table of the report has all of them."""


def answer(results: Results, compared: Results | None = None) -> Plot:
    """Candidates against the same network without dropout, and against the best without it.

    After a comparison means over fresh seeds on the test part, else what the search expects.
    Differences are above 0 where dropout is better, whatever the metric.
    """
    trials = {} if compared is None else trials_of(compared)
    if compared is not None and sum(bool(by_seed) for by_seed in trials.values()) > 1:
        return compared_candidates(compared, trials)
    return searched(results)


def compared_candidates(compared: Results, trials: Mapping[str, BySeed]) -> Plot:
    """That of a comparison; `trials` by candidate and seed."""
    found = compare(scores_of(compared, trials))
    rows = [_judged(found, row, compared.metric) for row in found.rows if row.mean is not None]
    return _plot(compared, rows, "test", "fresh seeds")


def searched(results: Results) -> Plot:
    """That of a search, from the model of all of its trials."""
    curves = fit(results)
    if curves is None:
        raise NotEnoughDataError(f"needs {FEWEST} complete trials, one of them without dropout")
    if curves.best_dropout is None:
        raise NotEnoughDataError("no variant of dropout has two complete trials")
    best = curves.best_of_each
    known = [params for name, params in best.items() if curves.is_known(name)]
    rows = [_expected(curves, params, results.metric) for params in known]
    return _plot(results, rows, "validation", "expected")


def _judged(found: Comparison, row: Standing, metric: str) -> Row:
    """A candidate of a comparison, in the numbers of its table."""
    of, sign = found.n_judged, found.scores.sign
    params, mean = row.candidate.params, row.mean.value if row.mean else None
    effect = ends_of(row.effect, of, is_sure=row.is_effect_shown)
    gain = ends_of(row.gain, of, is_sure=row.is_gain_shown)
    return {
        "candidate": row.candidate.name,
        **_network(params, is_dropout=row.candidate.is_dropout),
        "n": row.n,
        "value": mean,
        **_ends("", clipped(ends_of(row.mean, found.n_picked), metric)),
        "twin": row.candidate.twin,
        "twin_value": None if mean is None or row.effect is None else mean - row.effect.value,
        "effect": None if row.effect is None else sign * row.effect.value,
        **_ends("_effect", better(effect, sign)),
        "is_effect_sure": _is_sure(effect, is_shown=row.is_effect_shown),
        "gain": None if row.gain is None else sign * row.gain.value,
        **_ends("_gain", better(gain, sign)),
        "is_gain_sure": _is_sure(gain, is_shown=row.is_gain_shown),
    }


def _expected(curves: Curves, params: Params, metric: str) -> Row:
    """A network of a search, in the numbers of the answer."""
    value, variant = curves.value_of(params), str(params["variant"])
    is_dropout = not drops_nothing(params)
    effect = curves.effect_of(params) if is_dropout else None
    gain = curves.difference(params, curves.best_none) if is_dropout else None
    twin = None if effect is None else value.mean + effect.mean * (-1 if curves.maximize else 1)
    return {
        "candidate": f"{variant} {params['rate']:.2g}" if is_dropout else variant,
        **_network(params, is_dropout=is_dropout),
        "n": curves.n_complete.get(variant, 0),
        "value": value.mean,
        **_ends("", clipped((value.low, value.high), metric)),
        "twin": "the same network without dropout" if is_dropout else None,
        "twin_value": twin,
        **_difference("effect", effect),
        **_difference("gain", gain),
    }


def _network(params: Params, *, is_dropout: bool) -> Row:
    return {
        "is_dropout": is_dropout,
        "variant": params["variant"],
        "rate": params.get("rate"),
        "width": params.get("width"),
    }


def _ends(of: str, ends: Ends) -> Row:
    return {f"low{of}": ends[0], f"high{of}": ends[1]}


def _is_sure(ends: Ends, *, is_shown: bool = False) -> bool:
    """Whether a difference is more than chance, to the better or the worse."""
    low, high = ends
    return is_shown or (low is not None and high is not None and not low <= 0 <= high)


def _difference(name: str, found: Known | None) -> Row:
    ends = (None, None) if found is None else (found.low, found.high)
    return {
        name: None if found is None else found.mean,
        **_ends(f"_{name}", ends),
        f"is_{name}_sure": _is_sure(ends),
    }


def _plot(results: Results, rows: Sequence[Row], part: str, how: str) -> Plot:
    shown = _leading(rows)
    said = "what dropout does on test rows" if part == "test" else "what dropout is expected to do"
    name = f"{results.definition.name}: {said}"
    remark = "effect: on the same network; gain: over the best without dropout"
    few = "" if len(shown) == len(rows) else f"{len(shown)} of {len(rows)}"
    label = capital(metric_name(results))
    picture = draw(shown, (label, few), f"{name} ({remark})", unit(results))
    return Plot(name, _text(rows, results, part, how), rows, picture)


def _leading(rows: Sequence[Row]) -> list[Row]:
    """The first of them, and the best without dropout."""
    none = next((row for row in rows if not row["is_dropout"]), None)
    dropouts = [row for row in rows if row["is_dropout"]][:_MOST]
    return [row for row in rows if row is none or row in dropouts]


def _text(rows: Sequence[Row], results: Results, part: str, how: str) -> str:
    of = {
        "expected": f"expected of {counted(len(rows), 'network')} by the model of all trials",
        "fresh seeds": f"of {counted(len(rows), 'candidate')}, means over fresh seeds",
    }[how]
    said = [
        f"{row['candidate']} {number(row['value'])}{_interval(row, '')}"
        + (
            ""
            if row["effect"] is None
            else f", effect {row['effect']:+.3g}{_interval(row, '_effect')}"
        )
        for row in rows
    ]
    return (
        f"{part.capitalize()} {metric_name(results)} {of}, with 95 % intervals: {'; '.join(said)}."
        " Effect: against the same network without dropout, above 0 where dropout is better."
    )


def _interval(row: Row, of: str) -> str:
    low, high = row[f"low{of}"], row[f"high{of}"]
    return "" if low is None else f" [{number(low)}, {number(high)}]"
