"""One axis of a search space: its distribution in Optuna, its middle, its choices."""

import math

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from tuner.errors import UsageError
from tuner.schema import Axis, Range, Scalar


def suggest(trial: optuna.Trial, name: str, axis: Axis) -> Scalar:
    """The value of an axis in a trial: sampled, or the only one there is."""
    found = distribution(axis)
    if found is None:
        return _only(axis)
    if isinstance(found, CategoricalDistribution):
        return trial.suggest_categorical(name, found.choices)  # type: ignore[return-value]
    if isinstance(found, IntDistribution):
        low, high, log = found.low, found.high, found.log
        return trial.suggest_int(name, low, high, step=found.step, log=log)
    assert isinstance(found, FloatDistribution)  # noqa: S101
    low_, high_, log = found.low, found.high, found.log
    return trial.suggest_float(name, low_, high_, step=found.step, log=log)


def draw(axis: Axis, generator: np.random.Generator) -> Scalar:
    """A value of an axis at random, as Optuna's random sampler draws it, without a trial."""
    if isinstance(axis, tuple):
        return axis[int(generator.integers(len(axis)))]
    if not isinstance(axis, Range) or axis.low == axis.high:
        return _only(axis)
    low, high, step = axis.low, axis.high, axis.step
    whole = isinstance(low, int) and isinstance(high, int) and isinstance(step, int | None)
    if (whole and not axis.log) or step is not None:
        by = 1 if step is None else step
        return low + by * int(generator.integers(math.floor((high - low) / by + 1e-9) + 1))
    if not axis.log:
        return float(generator.uniform(low, high))
    half = 0.5 if whole else 0.0
    drawn = math.exp(generator.uniform(math.log(low - half), math.log(high + half)))
    inside = min(max(drawn, low), high)
    return round(inside) if whole else inside


def distribution(axis: Axis) -> BaseDistribution | None:
    """Optuna's distribution of an axis; None where there is only one value."""
    if isinstance(axis, tuple):
        return CategoricalDistribution(axis) if len(axis) > 1 else None
    if not isinstance(axis, Range) or axis.low == axis.high:
        return None
    low, high, step = axis.low, axis.high, axis.step
    if isinstance(low, int) and isinstance(high, int) and isinstance(step, int | None):
        return IntDistribution(low, high, log=axis.log, step=step or 1)
    return FloatDistribution(float(low), float(high), log=axis.log, step=step)


def axis_of(found: BaseDistribution) -> Axis:
    """The axis that a distribution samples: `distribution` reversed."""
    if isinstance(found, CategoricalDistribution):
        return tuple(found.choices)  # type: ignore[arg-type]
    assert isinstance(found, IntDistribution | FloatDistribution)  # noqa: S101
    return Range(
        low=found.low, high=found.high, log=found.log, step=None if found.log else found.step
    )


def contains(axis: Axis, value: Scalar) -> bool:
    """Whether an axis could have sampled a value."""
    if isinstance(axis, Range):
        if isinstance(value, str) or not axis.low <= value <= axis.high:
            return False
        steps = 0.0 if axis.step is None else (value - axis.low) / axis.step
        return abs(steps - round(steps)) < 1e-8
    return value in (axis if isinstance(axis, tuple) else (axis,))


def middle(axis: Axis) -> Scalar:
    """The middle of an axis, the geometric one of a log range."""
    if isinstance(axis, tuple):
        return axis[len(axis) // 2]
    if not isinstance(axis, Range):
        return axis
    half = math.sqrt(axis.low * axis.high) if axis.log else (axis.low + axis.high) / 2
    if axis.step is not None:
        half = axis.low + axis.step * math.floor((half - axis.low) / axis.step + 1e-9)
    whole = isinstance(axis.low, int) and isinstance(axis.high, int)
    return int(half) if whole and isinstance(axis.step, int | None) else half


def choices(label: str, axis: Axis) -> tuple[Scalar, ...]:
    """All values of an axis; UsageError where they cannot be counted."""
    if isinstance(axis, tuple):
        return axis
    found = distribution(axis)
    if found is None:
        return (_only(axis),)
    if isinstance(found, IntDistribution) and not found.log:
        return tuple(range(found.low, found.high + 1, found.step))
    if isinstance(found, FloatDistribution) and found.step is not None:
        count = round((found.high - found.low) / found.step)
        return tuple(found.low + i * found.step for i in range(count + 1))
    raise UsageError(f"the grid sampler needs lists (or ranges with a step): {label} is a range")


def narrow(axis: Axis, allowed: Range) -> Axis | None:
    """The part of a shared rate axis that a variant's own range allows, or None."""
    if isinstance(axis, Range):
        low, high = max(axis.low, allowed.low), min(axis.high, allowed.high)
        if low <= high:
            same = (low, high) == (axis.low, axis.high)
            return axis if same else axis.model_copy(update={"low": low, "high": high})
    else:
        values = axis if isinstance(axis, tuple) else (axis,)
        inside = tuple(v for v in values if allowed.low <= float(v) <= allowed.high)
        if inside:
            return inside if isinstance(axis, tuple) else axis
    return None


def _only(axis: Axis) -> Scalar:
    if isinstance(axis, Range):
        return axis.low
    return axis[0] if isinstance(axis, tuple) else axis
