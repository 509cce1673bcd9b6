"""The points of a table: variant x rate x width, and what each trains."""

from collections.abc import Mapping, Sequence

import numpy as np
from table.point import Point

from tuner.dropout.variant import Variant
from tuner.schema import Hyperparameter, Range, Scalar
from tuner.study.distributions import middle
from tuner.study.search_space import SearchSpace
from tuner.workers.resolve import Resolved

N_RATES = 8
"""Above 0, evenly over a variant's own range (on its scale); at 0 a variant is `none`."""

_SLOW = ("targeted",)
"""It ranks all weights in every step."""


def points(resolved: Resolved) -> list[Point]:
    """All points, those of one structure side by side; those that take longest come last."""
    space, widths = resolved.space, resolved.space.axes["width"]
    assert isinstance(widths, tuple)
    return [
        Point(name, rate, int(width))
        for name in sorted(space.variants, key=_SLOW.__contains__)
        for width in widths
        for rate in rates(resolved.variants[name])
    ]


def rates(variant: Variant) -> list[float]:
    """The rates of a variant in the table, rising.

    alpha has rate 0 too: a SELU network is another than `none`.
    """
    if variant.name == "none":
        return [0.0]
    found = rate_range(variant)
    if found.log:
        values = np.geomspace(found.low, found.high, N_RATES)
    elif found.low == 0:
        values = np.linspace(0, found.high, N_RATES + 1)[0 if variant.name == "alpha" else 1 :]
    else:
        values = np.linspace(found.low, found.high, N_RATES)
    return [round(float(value), 6) for value in values]


def rate_range(variant: Variant) -> Range:
    """The range of a variant's rate; where it follows from others, with all but one in the middle.

    That is `targeted`: target_fraction stays, drop_prob is varied.
    """
    if variant.rate is not None:
        return variant.rate
    if variant.over is not None:
        return SearchSpace.rate  # type: ignore[return-value]
    varied = variant.hyperparameters["drop_prob"].axis
    assert isinstance(varied, Range)
    share = float(middle(variant.hyperparameters["target_fraction"].axis))
    return Range(low=share * float(varied.low), high=share * float(varied.high))


def params(point: Point, resolved: Resolved) -> dict[str, Scalar]:
    """What a trial at this point has: the variant's own hyperparameters are in the middle."""
    variant = resolved.variants[point.variant]
    own = middles(variant.hyperparameters)
    if variant.rate_of is not None:
        own["drop_prob"] = point.rate / float(own["target_fraction"])
    prefixed = {f"{point.variant}.{name}": value for name, value in own.items()}
    shared = {name: middle(axis) for name, axis in resolved.space.axes.items()}
    return {
        "variant": point.variant,
        "rate": point.rate,
        **shared,
        "width": point.width,
        **prefixed,
    }


def middles(hyperparameters: Mapping[str, Hyperparameter]) -> dict[str, Scalar]:
    """The middle of each that is read, as the baselines of a search have it."""
    found: dict[str, Scalar] = {}
    for name, each in hyperparameters.items():
        if each.when is None or found.get(each.when[0]) in each.when[1]:
            found[name] = middle(each.axis)
    return found


def ranges(resolved: Resolved) -> dict[str, dict[str, Scalar | None]]:
    """The range that each variant's rate is searched in."""
    chosen: Sequence[str] = [name for name in resolved.space.variants if name != "none"]
    found = {name: rate_range(resolved.variants[name]) for name in chosen}
    return {name: {"low": r.low, "high": r.high, "log": r.log} for name, r in found.items()}
