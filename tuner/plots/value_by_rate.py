"""The value by the rate of dropout: what the model of all trials knows, and the trials."""

from collections.abc import Iterator, Mapping, Sequence

from tuner.comparison.answer import subject
from tuner.comparison.verdict import named
from tuner.plots._by_rate import by_rate, trials_with_rate
from tuner.plots._limits import all_of, both, from_zero, limits
from tuner.plots._rows import columns, of_variant
from tuner.plots._words import counted, number, unit, value_label
from tuner.plots.picture import (
    BLUE,
    GREY,
    NAVY,
    PALE,
    SKY,
    Axis,
    Block,
    Curve,
    Dashes,
    Limits,
    Line,
    Mark,
    Panel,
    Picture,
    Points,
    Span,
    off_scale,
)
from tuner.plots.plot import FEWEST_POINTS, Plot, Row
from tuner.schema import Params, Scalar
from tuner.study.curves.answer import Curves
from tuner.study.curves.candidates import is_own, shared_of, twin_of
from tuner.study.curves.fitting import fit
from tuner.study.results import Results, TrialRow
from tuner.study.summary import network

_LOOKS: tuple[tuple[str, Dashes], ...] = (
    (BLUE, "solid"),
    (NAVY, "dashed"),
    (SKY, "dashdot"),
    (BLUE, "dotted"),
)
"""Those of the leading variants."""

_FENCE = 10.0
"""A trial that lies farther off than so many interquartile ranges has diverged."""


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
    rows = [*_nones(curves, at), *_curves(curves, at), *_trials(results, at)]
    said = f"{name} ({network(twin_of(at)).partition(', ')[2] or 'one network'})"
    picture = _picture(rows, said, results)
    return Plot(name, _text(rows, results, at), rows, picture)


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
    known = [name for name in curves.best_of_each if name != "none" and curves.is_known(name)]
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
    for name, curve in _by_variant(rows).items():
        peak = (max if results.maximize else min)(curve, key=lambda row: row["value"])
        low, high = _safe(curve)
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


def _by_variant(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The curves, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["state"] == "expected" and row["variant"] != "none":
            found.setdefault(row["variant"], []).append(row)
    return found


def _safe(curve: Sequence[Row]) -> Limits:
    rates = [row["rate"] for row in curve if row["is_safe"]]
    return min(rates, default=0.0), max(rates, default=0.0)


def _picture(rows: Sequence[Row], title: str, results: Results) -> Picture:
    curves = _by_variant(rows)
    leading = list(curves)[: len(_LOOKS)]
    trials = {name: of_variant(_finished(rows), name) for name in leading}
    apart = [name for name in leading if len(trials[name]) >= FEWEST_POINTS]
    shown = _limits(rows, apart, maximize=results.maximize)
    highest = max(row["rate"] for curve in curves.values() for row in curve)
    y = Axis(value_label(results), shown, unit=unit(results))
    x = Axis("Dropout rate", from_zero(highest))
    whole = [*_reference(rows, highest), *_all_curves(curves, leading, apart)]
    blocks = [Block([Panel(whole, x, "all variants")], y, 1.5, width=1.0)]
    if apart:
        reference = list(_reference(rows, highest))[:1]
        panels = [
            Panel(
                [*reference, *_one_curve(curves[name], trials[name], leading.index(name), shown)],
                x,
                name,
            )
            for name in apart
        ]
        blocks.append(Block(panels, y, 0.85, columns=2, width=1.2))
    return Picture(title, blocks)


def _finished(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["trial"] is not None]


def _limits(rows: Sequence[Row], apart: Sequence[str], *, maximize: bool) -> Limits | None:
    """All that is expected, with its intervals where they are drawn, and what has not diverged."""
    expected = [row["value"] for row in rows if row["state"] == "expected"]
    expected += [
        row[end]
        for row in rows
        for end in ("low", "high")
        if row["variant"] in apart and row["state"] == "expected"
    ]
    trials = [row["value"] for row in _finished(rows) if row["variant"] in apart]
    return both(limits([*expected, *trials], maximize=maximize, fence=_FENCE), all_of(expected))


def _reference(rows: Sequence[Row], highest: float) -> Iterator[Mark]:
    for row in rows:
        if row["variant"] == "none" and row["state"] == "expected":
            across = ([0.0, highest], [row["value"]] * 2)
            if row["is_alike"]:
                yield Line("same network, no dropout", [across], GREY)
            else:
                yield Line("best without dropout", [across], GREY, "dashed")


def _all_curves(
    curves: Mapping[str, Sequence[Row]], leading: Sequence[str], apart: Sequence[str]
) -> Iterator[Mark]:
    """Those of the leading variants are named in the panel of each, if they have one."""
    low, high = _safe(next(iter(curves.values())))
    yield Span("safe rates", low, high)
    others = [_curve(curve) for name, curve in curves.items() if name not in leading]
    if others:
        yield Line("other variants", others, PALE, width=0.7)
    for name, (color, dashes) in reversed(list(zip(leading, _LOOKS, strict=False))):
        label = "" if name in apart else name
        yield Line(label, [_curve(curves[name])], color, dashes, on_top=True)


def _curve(rows: Sequence[Row]) -> Curve:
    return [row["rate"] for row in rows], [row["value"] for row in rows]


def _one_curve(
    curve: Sequence[Row], trials: Sequence[Row], place: int, shown: Limits | None
) -> Iterator[Mark]:
    low, high = _safe(curve)
    yield Span("", low, high)
    color, dashes = _LOOKS[place]
    band = [row["low"] for row in curve], [row["high"] for row in curve]
    yield Line("", [_curve(curve)], color, dashes, band=band, on_top=True)
    for label, is_alike, color in (("another network", False, SKY), ("a trial", True, BLUE)):
        where = columns([row for row in trials if row["is_alike"] == is_alike], "rate", "value")
        dots = Points(
            label, where.x, where.y, color, is_filled=is_alike, size=0.8, numbers=where.trials
        )
        yield dots
        yield from off_scale(dots, y=shown)
