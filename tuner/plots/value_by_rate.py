"""The value by the rate of dropout: what the model of all trials knows, and the trials."""

from collections.abc import Iterator, Sequence

from tuner.comparison.answer import subject
from tuner.comparison.verdict import named
from tuner.plots._by_rate import by_rate, trials_with_rate
from tuner.plots._rate_curves import by_variant, draw, safe
from tuner.plots._words import counted, number, value_label
from tuner.plots.plot import Plot, Row
from tuner.schema import Params, Scalar
from tuner.study.curves.answer import Curves
from tuner.study.curves.candidates import is_own, shared_of, twin_of
from tuner.study.curves.fitting import fit
from tuner.study.results import Results, TrialRow
from tuner.study.summary import network
from tuner.training.naming import possible


def value_by_rate(results: Results, compared: Results | None = None) -> Plot:
    """Value by rate of every variant, as the model of all trials knows it, at one network.

    The network is that of the answer. The leading four variants have a panel each, with the 95 %
    interval and the trials; the rates that cost less than another seed does are shaded.
    """
    curves, name = fit(results), f"{results.definition.name}: value by rate"
    at = None if curves is None else subject(curves, named(compared))
    if curves is None or at is None:
        rows = [_trial(trial, shared={}) for trial in trials_with_rate(results)]
        rows = [row for row in rows if row["value"] is not None]
        title = f"{name} (one seed a trial; n: complete + pruned)"
        picture = by_rate(rows, "value", value_label(results), title, maximize=results.maximize)
        return Plot(name, _text_of_trials(rows, results), rows, picture)
    expected = [*_nones(curves, at), *_curves(curves, at)]
    rows = [*(_possible(row, results.metric) for row in expected), *_trials(results, at)]
    said = f"{name} ({network(twin_of(at)).partition(', ')[2] or 'one network'})"
    picture = draw(rows, said, results)
    return Plot(name, _text(rows, results, at), rows, picture)


def _possible(row: Row, metric: str) -> Row:
    """What is expected, within what the metric can be."""
    names = ("value", "low", "high")
    return {**row, **dict(zip(names, possible([row[name] for name in names], metric), strict=True))}


def _nones(curves: Curves, at: Params) -> Iterator[Row]:
    """The same network without dropout, and the best one."""
    for params in dict.fromkeys((_frozen(twin_of(at)), _frozen(curves.best_none))):
        found = curves.value_of(dict(params))
        yield {
            "variant": "none",
            "trial": None,
            "state": "expected",
            "is_alike": params == _frozen(twin_of(at)),
            "rate": 0.0,
            "width": dict(params).get("width"),
            "value": found.mean,
            "low": found.low,
            "high": found.high,
            "is_safe": None,
        }


def _frozen(params: Params) -> frozenset[tuple[str, Scalar]]:
    return frozenset(params.items())


def _curves(curves: Curves, at: Params) -> Iterator[Row]:
    """The curve of each variant of which two trials are complete, the best first."""
    first = str(at["variant"])
    dropouts = (name for name in curves.best_of_each if name != "none")
    known = [name for name in dropouts if name == first or curves.is_known(name)]
    for name in sorted(known, key=lambda name: name != first):
        own = {k: v for k, v in curves.best_of_each[name].items() if is_own(k)}
        params = at if name == first else {**own, **shared_of(at)}
        low, high = curves.safe_rates(curves.model.noise, params) or (1.0, 0.0)
        curve = curves.curve(name, at)
        for rate, value, *ends in zip(curve.rates, curve.mean, curve.low, curve.high, strict=True):
            yield {
                "variant": name,
                "trial": None,
                "state": "expected",
                "is_alike": True,
                "rate": float(rate),
                "width": at.get("width"),
                "value": float(value),
                "low": float(ends[0]),
                "high": float(ends[1]),
                "is_safe": bool(low <= rate <= high),
            }


def _trials(results: Results, at: Params) -> list[Row]:
    """The complete trials with dropout: what a pruned one had reached is no value of its rate."""
    trials = [trial for trial in trials_with_rate(results) if trial.value is not None]
    return [_trial(trial, shared_of(at)) for trial in trials if trial.variant != "none"]


def _trial(trial: TrialRow, shared: Params) -> Row:
    return {
        "variant": trial.variant,
        "trial": trial.number,
        "state": trial.state.lower(),
        "is_alike": shared_of(trial.params) == shared,
        "rate": trial.rate,
        "width": trial.params.get("width"),
        "value": trial.last_value if trial.state == "PRUNED" else trial.value,
        "low": None,
        "high": None,
        "is_safe": None,
    }


def _text(rows: Sequence[Row], results: Results, at: Params) -> str:
    best = []
    for name, curve in by_variant(rows).items():
        peak = (max if results.maximize else min)(curve, key=lambda row: row["value"])
        low, high = safe(curve)
        best.append(
            f"{name} {number(peak['value'])} at {peak['rate']:.2g} (safe from {low:.2g} to"
            f" {high:.2g})"
        )
    none = rows[0]
    n = sum(row["trial"] is not None for row in rows)
    return (
        f"{value_label(results)} by rate of {network(at, rate=False)} and of the other variants in"
        f" that network, as expected of {counted(n, 'trial')} with dropout. At their best:"
        f" {', '.join(best)}. The same network without dropout: {number(none['value'])}. Safe rates"
        " cost less than another seed changes."
    )


def _text_of_trials(rows: Sequence[Row], results: Results) -> str:
    n = sum(row["variant"] != "none" for row in rows)
    return f"{value_label(results)} of {counted(n, 'trial')} with dropout by rate, one seed each."
