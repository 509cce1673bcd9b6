"""Params -> numbers: where a trial lies along the rate, the shared axes and its own ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner.schema import Axis, Params, Range, Scalar

Floats = NDArray[np.float64]

OWN_ORIGIN = ("alpha", "targeted", "concrete", "variational", "adversarial")
"""Variants that do not become the network without dropout as their rate goes to 0.

Alpha has other activations, adversarial a second term of the loss; the others learn the rate, of
which theirs is only the start, or have none. They count as dropout at one place, `PLACE`, and their
rate as a hyperparameter.
"""

PLACE = 0.65
"""Where they are: the noise of a rate of 0.3."""

_LOG_FROM = 4.0


def warped(rate: float) -> float:
    """sqrt(rate / (1 - rate)): the standard deviation of multiplicative noise of mean 1.

    It is what makes rates of several variants equivalent (Srivastava et al. 2014, section 10).
    """
    return math.sqrt(rate / (1 - rate))


@dataclass(frozen=True)
class Scale:
    """How the values of one axis become numbers from 0 to 1, or codes where they are names."""

    low: float = 0.0
    high: float = 1.0
    log: bool = False
    names: tuple[Scalar, ...] | None = None

    def of(self, value: Scalar | None) -> float:
        """The number of a value; NaN where there is none."""
        if value is None:
            return math.nan
        if self.names is not None:
            return float(self.names.index(value)) if value in self.names else -1.0
        if isinstance(value, str):
            return math.nan
        number, low, high = float(value), self.low, self.high
        if self.log:
            number, low, high = (math.log(max(each, 1e-12)) for each in (number, low, high))
        return (number - low) / (high - low) if high > low else 0.0


def scale_of(axis: Axis) -> Scale:
    """The scale of an axis, or of all values that there are of it."""
    if isinstance(axis, Range):
        return Scale(float(axis.low), float(axis.high), axis.log)
    values = axis if isinstance(axis, tuple) else (axis,)
    if any(isinstance(value, str | bool) for value in values):
        return Scale(names=values)
    numbers = [float(value) for value in values]
    low, high = min(numbers), max(numbers)
    return Scale(low, high, low > 0 and high / low >= _LOG_FROM)


@dataclass(frozen=True)
class Points:
    """Trials as numbers, n of them.

    variant: codes [n], -1 without dropout. x: warped rates [n], 0 without dropout. shared: scaled
    [n, axes]. sites: [n, sites] warped rates of the sites that have one of their own. own: scaled
    [n, hyperparameters], NaN where the variant has not that one.
    """

    variant: NDArray[np.int64]
    x: Floats
    shared: Floats
    sites: Floats
    own: Floats

    def __len__(self) -> int:
        return len(self.x)

    def take(self, rows: NDArray[np.int64] | slice) -> "Points":
        """Some of them."""
        return Points(
            self.variant[rows], self.x[rows], self.shared[rows], self.sites[rows], self.own[rows]
        )


@dataclass(frozen=True)
class Encoder:
    """What the axes of a study are: shared ones, sites, and hyperparameters of the variants."""

    variants: tuple[str, ...]
    shared: Mapping[str, Scale]
    sites: tuple[str, ...]
    own: Mapping[str, Scale]

    @classmethod
    def of(cls, params: Sequence[Params], axes: Mapping[str, Axis]) -> "Encoder":
        """That of all params there are; `axes` are what they were drawn from, by Optuna's names."""
        found: dict[str, dict[Scalar, None]] = {}
        for each in params:
            for name, value in each.items():
                found.setdefault(name, {})[value] = None
        variants = tuple(str(name) for name in found.pop("variant", {}) if name != "none")
        sites = tuple(sorted(name for name in found if _is_site(name)))
        rates = {f"{name}.rate": (0.0, 1.0) for name in variants if name in OWN_ORIGIN}
        scales = {
            name: scale_of(_axis(axes.get(name), tuple(values)))
            for name, values in {**found, **rates}.items()
            if name != "rate" and name not in sites and (len(values) > 1 or name in rates)
        }
        return cls(
            variants,
            {name: scale for name, scale in scales.items() if "." not in name},
            sites,
            {name: scale for name, scale in scales.items() if "." in name},
        )

    def points(self, params: Sequence[Params]) -> Points:
        """Params as numbers."""
        n, codes = len(params), {name: code for code, name in enumerate(self.variants)}
        x = np.array([place(each) for each in params]).reshape(n)
        kinds = [codes.get(str(each["variant"]), len(codes)) for each in params]
        shared = [[scale.of(p.get(name)) for p in params] for name, scale in self.shared.items()]
        return Points(
            np.where(x > 0, np.array(kinds, int).reshape(n), -1),
            x,
            _columns(shared, n),
            _columns([_sites(params, name, x) for name in self.sites], n),
            self._own(params, x),
        )

    def _own(self, params: Sequence[Params], x: Floats) -> Floats:
        """The hyperparameters of those that drop something, [n, hyperparameters]."""
        found = np.full((len(params), len(self.own)), math.nan)
        of: dict[str, list[int]] = {}
        for i in np.flatnonzero(x > 0).tolist():
            variant = str(params[i]["variant"])
            for owner in {variant, str(params[i].get(f"{variant}.base", variant))}:
                of.setdefault(owner, []).append(i)
        for column, (name, scale) in enumerate(self.own.items()):
            owner, _, own = name.partition(".")
            for i in of.get(owner, ()):
                is_rate = own == "rate" and params[i]["variant"] == owner
                value = params[i].get("rate", 0.0) if is_rate else params[i].get(name)
                found[i, column] = scale.of(value)
        return found


def has_own_origin(params: Params) -> bool:
    """Whether a variant, or what it stands over, is another network even at a rate of 0."""
    variant = str(params["variant"])
    return variant in OWN_ORIGIN or str(params.get(f"{variant}.base")) in OWN_ORIGIN


def drops_nothing(params: Params) -> bool:
    """Whether a trial trains the network without dropout, whatever its variant."""
    return "variant" in params and "rate" in params and place(params) == 0


def place(params: Params) -> float:
    """The warped rate of a trial; 0 means that it is the network without dropout."""
    if params["variant"] == "none":
        return 0.0
    if has_own_origin(params):
        return PLACE
    return warped(float(params.get("rate", 0.0)))


def _is_site(name: str) -> bool:
    return name == "input_rate" or name.startswith("rate.")


def _columns(found: Sequence[Sequence[float]], n: int) -> Floats:
    return np.array(found, float).reshape(len(found), n).T


def _sites(params: Sequence[Params], name: str, x: Floats) -> list[float]:
    return [_site(each, name, at) for each, at in zip(params, x.tolist(), strict=True)]


def _site(params: Params, name: str, otherwise: float) -> float:
    if params["variant"] == "none" or has_own_origin(params) or name not in params:
        return otherwise
    return warped(float(params[name]))


def _axis(sampled: Axis | None, values: tuple[Scalar, ...]) -> Axis:
    """The range that was sampled, or all values there are."""
    return sampled if isinstance(sampled, Range) else values
