"""Values of trials <-> numbers to model: higher is better, spread 1, disasters drawn in."""

import math
from dataclasses import dataclass

import numpy as np

from tuner.study.curves.points import Floats

_TYPICAL = 3.0
_MOST = 8.0
_DEEPEST = 1e3
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Transform:
    """Linear down to `floor`, logarithmic below: a diverged trial is bad, not twenty times as bad.

    `sign` is -1 where lower values are better; floor, center and scale are in units of the value
    after that.
    """

    sign: float
    floor: float
    center: float
    scale: float
    knee: float

    @classmethod
    def of(cls, values: Floats, without: Floats, *, maximize: bool) -> "Transform":
        """That of the values [n] of complete trials; those `without` dropout stay in the line."""
        sign = 1.0 if maximize else -1.0
        finite = sign * values[np.isfinite(values)]
        none = sign * without[np.isfinite(without)]
        median = float(np.median(finite))
        knee = max(1.4826 * _deviation(finite, median), 1e-12, 1e-9 * abs(median))
        floor = min(median - _TYPICAL * knee, float(none.min()) if len(none) else np.inf)
        floor = max(floor, median - _MOST * knee)
        drawn = cls(sign, floor, 0.0, 1.0, knee).forward(values)
        scale = max(float(np.std(drawn)), 1e-12)
        return cls(sign, floor, float(np.mean(drawn)), scale, knee)

    def forward(self, values: Floats) -> Floats:
        """Values -> numbers to model, of any shape; what is not finite is the worst."""
        better = np.where(np.isfinite(values), self.sign * values, -np.inf)
        below = np.clip((self.floor - better) / self.knee, 0.0, _DEEPEST)
        drawn = np.maximum(better, self.floor) - self.knee * np.log1p(below)
        return np.asarray((drawn - self.center) / self.scale)

    def backward(self, modelled: Floats) -> Floats:
        """The values that numbers of the model stand for, of any shape."""
        drawn = modelled * self.scale + self.center
        below = np.clip((self.floor - drawn) / self.knee, 0.0, math.log(_DEEPEST))
        better = np.maximum(drawn, self.floor) - self.knee * np.expm1(below)
        return np.asarray(self.sign * better)


def _deviation(values: Floats, median: float) -> float:
    """The median distance from the median; where most values are equal, the least of the others.

    Accuracies of few rows often are: one row more or less is no disaster.
    """
    distances = np.abs(values - median)
    others = distances[distances > _ROUNDING * abs(median)]
    are_most = 2 * len(others) > len(values)
    return float(np.median(distances) if are_most or not len(others) else others.min())
