"""The first trials of a study: the baselines, no dropout at each choice, every variant once."""

from collections.abc import Mapping
from dataclasses import dataclass

from tuner.schema import Axis, Range, Scalar
from tuner.study import attrs, distributions
from tuner.study.attrs import Role
from tuner.study.search_space import BASELINE_VARIANTS, BASELINES, SearchSpace

MODERATE = 0.25
_MOST_CHOICES = 4


@dataclass(frozen=True)
class Given:
    """A trial whose params are given, by Optuna's names, and why."""

    role: Role
    named: Mapping[str, Scalar]


def baselines(space: SearchSpace) -> list[Given]:
    """No dropout, and standard dropout at 0.5, everything else in the middle."""
    return [Given(attrs.BASELINE, space.baseline(number)) for number in range(len(BASELINES))]


def start(space: SearchSpace) -> list[Given]:
    """The trials that a search begins with.

    After the baselines no dropout at every other choice of each shared axis (at both ends, where
    there are more than four), then every other variant where the baselines are, at a moderate rate:
    so what a variant does is not mixed up with what a width does.
    """
    first, second = baselines(space)
    nones = [Given(attrs.BASELINE, {**first.named, **other}) for other in other_choices(space)]
    rest = [name for name in space.variants if name not in BASELINE_VARIANTS]
    firsts = [Given(attrs.FIRST, _first(space, name)) for name in rest]
    return [first, second, *nones, *firsts]


def other_choices(space: SearchSpace) -> list[dict[str, Scalar]]:
    """The choices of each shared axis where the baselines are not."""
    return [
        {name: value}
        for name, axis in space.axes.items()
        if isinstance(axis, tuple)
        for value in (axis if len(axis) <= _MOST_CHOICES else (axis[0], axis[-1]))
        if value != distributions.middle(axis)
    ]


def _first(space: SearchSpace, variant: str) -> dict[str, Scalar]:
    """A variant at a moderate rate, everything else in the middle, by Optuna's names."""
    named: dict[str, Scalar] = {}

    def choose(name: str, label: str, axis: Axis) -> Scalar:
        is_rate = label in ("rate", "input_rate") or label.startswith("rate.")
        middle = moderate(axis) if is_rate else distributions.middle(axis)
        named[name] = variant if label == "variant" else middle
        return named[name]

    space.walk(choose)
    return named


def moderate(axis: Axis) -> Scalar:
    """A rate of 0.25, or what comes nearest on an axis; the middle of a range that ends early."""
    middle = distributions.middle(axis)
    if isinstance(axis, tuple):
        return min(axis, key=lambda rate: abs(float(rate) - MODERATE))
    if not isinstance(axis, Range) or axis.log or axis.step is not None:
        return middle
    return max(axis.low, min(MODERATE, float(middle)))
