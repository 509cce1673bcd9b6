"""Points of a search space from which the next trial is chosen."""

from collections.abc import Sequence

import numpy as np

from tuner.schema import Axis, Params, Range, Scalar
from tuner.study import distributions
from tuner.study.curves.candidates import shared_of
from tuner.study.search_space import SearchSpace

_ANYWHERE = 150
_NEAR = 100
_LEADERS = 5
_STEP = 0.1
_MOST_SHARED = 12

Option = tuple[dict[str, Scalar], Params]
"""The values by Optuna's names, and the params that they stand for."""


def options(
    space: SearchSpace, ranked: Sequence[Params], generator: np.random.Generator
) -> list[Option]:
    """Points drawn anywhere, points near the best of `ranked`, and no dropout where those are.

    Each is there once.
    """
    found = [_draw(space, generator, {}) for _ in range(_ANYWHERE)]
    leaders = ranked[:_LEADERS]
    found += [_draw(space, generator, leaders[i % len(leaders)]) for i in range(_NEAR) if leaders]
    if "none" in space.variants:
        known = {frozenset(each.items()): each for each in map(shared_of, ranked)}
        shared = list(known.values())[:_MOST_SHARED]
        found += [_draw(space, generator, each | {"variant": "none"}, 1.0) for each in shared]
    return list({frozenset(params.items()): (named, params) for named, params in found}.values())


def _draw(
    space: SearchSpace, generator: np.random.Generator, near: Params, kept: float = 0.5
) -> Option:
    """A point that has a share `kept` of what `near` has; of the rest half is close by."""
    named: dict[str, Scalar] = {}

    def choose(name: str, label: str, axis: Axis) -> Scalar:
        value, luck = near.get(label), generator.random()
        if value is None or not distributions.contains(axis, value) or luck > (1 + kept) / 2:
            named[name] = distributions.draw(axis, generator)
        else:
            named[name] = value if luck <= kept else _close(axis, value, generator)
        return named[name]

    params = space.walk(choose)
    return named, params


def _close(axis: Axis, value: Scalar, generator: np.random.Generator) -> Scalar:
    """A value a tenth of a continuous range away, or any of another axis."""
    whole = isinstance(axis, Range) and isinstance(axis.low, int) and isinstance(axis.high, int)
    if not isinstance(axis, Range) or axis.step is not None or whole:
        return distributions.draw(axis, generator)
    low, high = float(axis.low), float(axis.high)
    moved = float(generator.normal()) * _STEP
    if axis.log:
        return float(np.clip(float(value) * (high / low) ** moved, low, high))
    return float(np.clip(float(value) + moved * (high - low), low, high))
