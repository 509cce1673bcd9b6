"""The definition's space <-> trial.suggest_*: conditional on the variant."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from tuner.errors import UsageError
from tuner.space import Axis, Range, Scalar

SHARED_RATE = Range(low=0.0, high=0.8)
INPUT_RATE = Range(low=0.0, high=0.3)
BASELINES: tuple[dict[str, Scalar], ...] = (
    {"variant": "none"},
    {"variant": "standard", "rate": 0.5},
)
BASELINE_VARIANTS = tuple(str(baseline["variant"]) for baseline in BASELINES)


class KnobLike(Protocol):
    """A knob of a variant: its axis, and the values of another knob that it depends on."""

    @property
    def axis(self) -> Axis: ...
    @property
    def when(self) -> tuple[str, tuple[Scalar, ...]] | None: ...


@dataclass(frozen=True)
class Branch:
    """What is searched where one variant is chosen: its rate (None: it has none) and knobs."""

    rate: Axis | None
    knobs: Mapping[str, KnobLike]


@dataclass(frozen=True)
class SearchSpace:
    """Shared axes, the variants to choose from, and a branch for each (baselines included).

    `sites` is empty where all dropout places share one rate. Otherwise every place has its own, in
    order; True stands for a place at the input, whose rates stay low.
    """

    axes: Mapping[str, Axis]
    variants: tuple[str, ...]
    branches: Mapping[str, Branch]
    rate: Axis = SHARED_RATE
    sites: tuple[bool, ...] = ()

    def suggest(self, trial: optuna.Trial) -> dict[str, Scalar]:
        """The params of a trial: fixed ones, those of a baseline, and those that are sampled."""
        fixed = trial.user_attrs.get("fixed", {})
        params: dict[str, Scalar] = {}
        for name, label, axis in self._walk(params):
            if name in fixed and not _contains(axis, fixed[name]):
                params[label] = fixed[name]
            else:
                params[label] = _suggest(trial, name, axis)
        return _with_mean_rate(params)

    def baseline(self, number: int) -> dict[str, Scalar]:
        """Baseline `number` by Optuna's names: every other axis in the middle."""
        wanted = BASELINES[number]
        params: dict[str, Scalar] = {}
        named: dict[str, Scalar] = {}
        for name, label, axis in self._walk(params):
            key = "rate" if label.startswith("rate.") else label
            params[label] = named[name] = wanted.get(key, _middle(axis))
        return named

    def params_of(self, named: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The params that stand for values under Optuna's names."""
        params: dict[str, Scalar] = {}
        for name, label, _ in self._walk(params):
            params[label] = named[name]
        return _with_mean_rate(params)

    def fixed(self) -> list[str]:
        """The params that have one value in all trials of a variant: not worth a word."""
        knobs = {
            f"{variant}.{name}": knob.axis
            for variant, branch in self.branches.items()
            for name, knob in branch.knobs.items()
        }
        return [name for name, axis in {**self.axes, **knobs}.items() if not _distribution(axis)]

    def n_structures(self) -> int:
        """How many programs a search may have to compile: variants x choices of whole axes."""
        sizes = (len(axis) for axis in self.axes.values() if isinstance(axis, tuple))
        return len(self.branches) * math.prod(sizes)

    def grid(self) -> Iterator[dict[str, Scalar]]:
        """Every point of a space that consists of lists, by Optuna's names."""

        def extend(fixed: list[Scalar]) -> Iterator[dict[str, Scalar]]:
            params: dict[str, Scalar] = {}
            named: dict[str, Scalar] = {}
            given = iter(fixed)
            for name, label, axis in self._walk(params):
                value = next(given, None)
                if value is None:
                    for choice in _choices(label, axis):
                        yield from extend([*fixed, choice])
                    return
                params[label] = named[name] = value
            yield named

        return extend([])

    def contains(self, named: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Those of the named values that the space itself could have sampled."""
        params: dict[str, Scalar] = {}
        inside: dict[str, Scalar] = {}
        for name, label, axis in self._walk(params):
            params[label] = named[name]
            if _distribution(axis) is not None and _contains(axis, named[name]):
                inside[name] = named[name]
        return inside

    def _rates(self, axis: Axis) -> Iterator[tuple[str, Axis]]:
        if not self.sites:
            yield "rate", axis
        for place, is_input in enumerate(self.sites):
            low = narrow(axis, INPUT_RATE) if is_input else None
            yield f"rate.{place}", axis if low is None else low

    def _walk(self, params: Mapping[str, Scalar]) -> Iterator[tuple[str, str, Axis]]:
        """(Optuna's name, params' name, axis) in order; reads what was chosen from `params`."""
        yield "variant", "variant", self.variants
        variant = str(params["variant"])
        branch = self.branches[variant]
        if branch.rate is None:
            yield f"{variant}.rate", "rate", 0.0
        else:
            prefix = f"{variant}." if branch.rate != self.rate else ""
            for label, axis in self._rates(branch.rate):
                yield f"{prefix}{label}", label, axis
        for name, axis in self.axes.items():
            yield name, name, axis
        for name, knob in branch.knobs.items():
            if knob.when is None or params.get(f"{variant}.{knob.when[0]}") in knob.when[1]:
                yield f"{variant}.{name}", f"{variant}.{name}", knob.axis


def _with_mean_rate(params: dict[str, Scalar]) -> dict[str, Scalar]:
    """With a rate for each place, `rate` is their mean."""
    rates = [float(value) for name, value in params.items() if name.startswith("rate.")]
    return params | {"rate": math.fsum(rates) / len(rates)} if rates else params


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


def _suggest(trial: optuna.Trial, name: str, axis: Axis) -> Scalar:
    distribution = _distribution(axis)
    if distribution is None:
        return _only(axis)
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)  # type: ignore[return-value]
    if isinstance(distribution, IntDistribution):
        low, high, log = distribution.low, distribution.high, distribution.log
        return trial.suggest_int(name, low, high, step=distribution.step, log=log)
    assert isinstance(distribution, FloatDistribution)  # noqa: S101
    low_, high_, log = distribution.low, distribution.high, distribution.log
    return trial.suggest_float(name, low_, high_, step=distribution.step, log=log)


def _distribution(axis: Axis) -> BaseDistribution | None:
    """Optuna's distribution of an axis; None where there is only one value."""
    if isinstance(axis, tuple):
        return CategoricalDistribution(axis) if len(axis) > 1 else None
    if not isinstance(axis, Range) or axis.low == axis.high:
        return None
    low, high, step = axis.low, axis.high, axis.step
    if isinstance(low, int) and isinstance(high, int) and isinstance(step, int | None):
        return IntDistribution(low, high, log=axis.log, step=step or 1)
    return FloatDistribution(float(low), float(high), log=axis.log, step=step)


def _only(axis: Axis) -> Scalar:
    if isinstance(axis, Range):
        return axis.low
    return axis[0] if isinstance(axis, tuple) else axis


def _contains(axis: Axis, value: Scalar) -> bool:
    if isinstance(axis, Range):
        if isinstance(value, str) or not axis.low <= value <= axis.high:
            return False
        steps = 0.0 if axis.step is None else (value - axis.low) / axis.step
        return abs(steps - round(steps)) < 1e-8
    return value in (axis if isinstance(axis, tuple) else (axis,))


def _middle(axis: Axis) -> Scalar:
    if isinstance(axis, tuple):
        return axis[len(axis) // 2]
    if not isinstance(axis, Range):
        return axis
    middle = math.sqrt(axis.low * axis.high) if axis.log else (axis.low + axis.high) / 2
    if axis.step is not None:
        middle = axis.low + axis.step * math.floor((middle - axis.low) / axis.step + 1e-9)
    whole = isinstance(axis.low, int) and isinstance(axis.high, int)
    return int(middle) if whole and isinstance(axis.step, int | None) else middle


def _choices(label: str, axis: Axis) -> tuple[Scalar, ...]:
    if isinstance(axis, tuple):
        return axis
    distribution = _distribution(axis)
    if distribution is None:
        return (_only(axis),)
    if isinstance(distribution, IntDistribution) and not distribution.log:
        return tuple(range(distribution.low, distribution.high + 1, distribution.step))
    if isinstance(distribution, FloatDistribution) and distribution.step is not None:
        count = round((distribution.high - distribution.low) / distribution.step)
        return tuple(distribution.low + i * distribution.step for i in range(count + 1))
    raise UsageError(f"the grid sampler needs lists (or ranges with a step): {label} is a range")
