"""What a pruned trial says: the value that it would have had, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuner.study.curves.points import Floats, Points

_FEWEST = 5
_RIDGE = 1.0


@dataclass(frozen=True)
class Learning:
    """How a trial learned: its features [k], values after each epoch, and whether it is complete.

    The values are numbers as they are modelled, higher is better.
    """

    features: Floats
    values: Floats
    is_complete: bool


def features(points: Points) -> Floats:
    """What trials are like that learn alike, [n, features]: warped rate and shared axes.

    The rate squared and times the axes too: wide networks are slow at other rates than narrow ones.
    """
    shared, x = np.clip(np.nan_to_num(points.shared), -2, 2), points.x[:, None]
    return np.hstack([x, x**2, shared, x * shared])


class Extrapolation:
    """What a trial that ended after some epoch would have had, by those that are complete.

    A ridge regression, over complete trials, of what they gained after that epoch, on their value
    then and their features: networks with high rates learn slowly. It gains no more than any of
    them did. It is made once for each epoch.
    """

    def __init__(self, trials: Sequence[Learning]) -> None:
        self._complete = [each for each in trials if each.is_complete]
        self._made: dict[int, _Gains | None] = {}

    def of(self, trial: Learning) -> tuple[float, float] | None:
        """Its last value, and the variance of that; None where fewer than five are complete."""
        return self.each([trial])[0]

    def each(self, trials: Sequence[Learning]) -> list[tuple[float, float] | None]:
        """The same of each of the trials."""
        found: list[tuple[float, float] | None] = [None] * len(trials)
        ends: dict[int, list[int]] = {}
        for place, trial in enumerate(trials):
            ends.setdefault(len(trial.values), []).append(place)
        for epoch, places in ends.items():
            gains = self._gains(epoch)
            if gains is not None:
                few = [trials[i] for i in places]
                means, variances = gains.at(_design(few, epoch))
                last = np.array([each.values[-1] for each in few])
                told = zip((last + means).tolist(), variances.tolist(), strict=True)
                for place, said in zip(places, told, strict=True):
                    found[place] = said
        return found

    def _gains(self, epoch: int) -> "_Gains | None":
        if epoch not in self._made:
            known = [each for each in self._complete if len(each.values) > epoch > 0]
            self._made[epoch] = None if len(known) < _FEWEST else _Gains.of(known, epoch)
        return self._made[epoch]


@dataclass(frozen=True)
class _Gains:
    """The regression of gains [n] on a design [n, k], which is centered and scaled."""

    center: Floats
    spread: Floats
    inverse: Floats
    slopes: Floats
    middle: float
    ends: tuple[float, float]
    n: int
    variance: float

    @classmethod
    def of(cls, known: Sequence[Learning], epoch: int) -> "_Gains":
        design = _design(known, epoch)
        gains = np.array([each.values[-1] - each.values[epoch - 1] for each in known])
        center, middle, n = design.mean(axis=0), float(gains.mean()), len(known)
        spread = np.maximum(design.std(axis=0), 1e-9)
        scaled = (design - center) / spread
        inverse = np.linalg.inv(scaled.T @ scaled + _RIDGE * np.eye(scaled.shape[1]))
        slopes = inverse @ scaled.T @ (gains - middle)
        left = gains - middle - scaled @ slopes
        used = float(np.trace(inverse @ scaled.T @ scaled)) + 1
        variance, ends = float(left @ left) / max(n - used, 1.0), (gains.min(), gains.max())
        return cls(center, spread, inverse, slopes, middle, ends, n, variance)

    def at(self, rows: Floats) -> tuple[Floats, Floats]:
        """What those of a design [m, k] gain, [m], and the variances of that, [m]."""
        own = (rows - self.center) / self.spread
        leverage = 1 / self.n + np.sum((own @ self.inverse) * own, axis=1)
        gain = np.clip(self.middle + own @ self.slopes, *self.ends)
        return gain, self.variance * (1 + leverage)


def _design(trials: Sequence[Learning], epoch: int) -> Floats:
    """Features and value after that epoch, [n, features + 1]."""
    values = np.array([each.values[epoch - 1] for each in trials])
    return np.column_stack([np.array([each.features for each in trials]), values])
