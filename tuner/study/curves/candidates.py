"""Params among which the best is looked for: what was tried, and what lies between."""

from collections.abc import Mapping, Sequence

import numpy as np

from tuner.schema import Axis, Params, Range, Scalar, ends
from tuner.study.curves.points import drops_nothing, has_own_origin

N_RATES = 12
_MOST_SHARED = 12
_MOST_OWN = 3


def candidates(ranked: Sequence[Params], axes: Mapping[str, Axis]) -> list[Params]:
    """What was tried, `ranked` the best first, and: shared axes x variants x a grid of rates.

    A variant's hyperparameters are those of its best trials; one that goes nowhere at rate 0 keeps
    its rate with them. What drops nothing is there as no dropout.
    """
    found = {frozenset(each.items()): each for each in map(_network, ranked)}
    shared = list({frozenset(each.items()): each for each in map(shared_of, ranked)}.values())
    for each in shared:
        add(found, {"variant": "none", "rate": 0.0, **each})
    for own, rates in own_of(ranked, axes):
        for each in shared[:_MOST_SHARED]:
            for rate in rates:
                add(found, _network({**own, **rate, **each}))
    return list(found.values())


def _network(params: Params) -> Params:
    """The params; those without dropout, where a rate of 0 makes them that network."""
    return twin_of(params) if drops_nothing(params) else params


def add(found: dict[frozenset[tuple[str, Scalar]], Params], params: Params) -> None:
    """Put params among others, once."""
    found.setdefault(frozenset(params.items()), params)


def own_of(
    ranked: Sequence[Params], axes: Mapping[str, Axis]
) -> list[tuple[dict[str, Scalar], list[dict[str, Scalar]]]]:
    """Of each variant: itself with hyperparameters of its best trials, and rates to go with them.

    A variant that goes nowhere at rate 0 has the rates of those trials.
    """
    found: dict[str, list[dict[str, Scalar]]] = {}
    for params in ranked:
        owned = {k: v for k, v in params.items() if is_own(k)}
        if not has_own_origin(params):
            owned = {k: v for k, v in owned.items() if not is_rate(k)}
        known = found.setdefault(str(params["variant"]), [])
        if owned not in known and len(known) < _MOST_OWN:
            known.append(owned)
    return [
        (owned, [{}] if "rate" in owned else rates_of(variant, ranked, axes))
        for variant, sets in found.items()
        if variant != "none"
        for owned in sets
    ]


def rates_of(
    variant: str, ranked: Sequence[Params], axes: Mapping[str, Axis], n: int = N_RATES
) -> list[dict[str, Scalar]]:
    """The rates of a variant: `n` along its axis, or all of a list; the same at each site.

    A site at the input, whose rates stay lower, has the highest of its own.
    """
    own = [each for each in ranked if each["variant"] == variant]
    sites = sorted({name for each in own for name in each if name.startswith("rate.")})
    axis = _axis(variant, sites[-1] if sites else "rate", axes)
    highest = {name: max(map(float, ends(_axis(variant, name, axes) or (1.0,)))) for name in sites}
    found: list[dict[str, Scalar]] = []
    for rate in _grid(axis, n) if isinstance(axis, Range) else _listed(axis, own):
        each: dict[str, Scalar] = {name: min(rate, high) for name, high in highest.items()}
        mean = float(np.mean([float(own) for own in each.values()])) if each else rate
        found.append({"rate": mean, **each})
    return found


def _axis(variant: str, name: str, axes: Mapping[str, Axis]) -> Axis | None:
    return axes.get(f"{variant}.{name}", axes.get(name))


def _grid(axis: Range, n: int) -> list[float]:
    if axis.step is not None:
        steps = round((axis.high - axis.low) / axis.step)
        return [axis.low + i * axis.step for i in range(steps + 1)]
    spaced = np.geomspace if axis.log else np.linspace
    return [float(rate) for rate in spaced(axis.low, axis.high, n)]


def _listed(axis: Axis | None, tried: Sequence[Params]) -> list[float]:
    listed = axis if isinstance(axis, tuple) else ()
    return sorted({float(rate) for rate in (*listed, *(each["rate"] for each in tried))})


def is_rate(name: str) -> bool:
    """Whether a param is a rate that goes along a variant's curve."""
    return name == "rate" or name.startswith("rate.")


def is_own(name: str) -> bool:
    """Whether a param belongs to the dropout part: variant, rates, hyperparameters."""
    return name in ("variant", "rate", "input_rate") or "." in name


def shared_of(params: Params) -> dict[str, Scalar]:
    """The shared axes of a trial."""
    return {name: value for name, value in params.items() if not is_own(name)}


def twin_of(params: Params) -> dict[str, Scalar]:
    """The same network without dropout."""
    return {"variant": "none", "rate": 0.0, **shared_of(params)}
