"""What is known, as numbers with intervals."""

from dataclasses import dataclass

import numpy as np
import scipy

from tuner.schema import Params
from tuner.study.curves.points import Floats

LEVEL = 0.95
_N_SAMPLES = 10_000


@dataclass(frozen=True)
class Known:
    """A number with its 95 % interval; a difference above 0 is better."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Recommendation:
    """Params, and the value over seeds on the validation rows that is expected of them."""

    params: Params
    value: Known


@dataclass(frozen=True)
class Curve:
    """Value by rate of one variant at given shared axes; arrays [rates]."""

    variant: str
    rates: Floats
    mean: Floats
    low: Floats
    high: Floats


def interval(samples: Floats) -> tuple[Floats, Floats]:
    """The ends of the 95 % interval of each column of samples [n, ...]."""
    low, high = np.quantile(samples, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return low, high


def known(samples: Floats) -> Known:
    """The mean of samples [n] and their interval."""
    low, high = interval(samples)
    return Known(float(np.mean(samples)), float(low), float(high))


def noise_of_best(noise: float, n: int) -> float:
    """What 95 % of the differences between the best of `n` equal trials and another stay below.

    `noise` is the standard deviation of a trial's value.
    """
    uniform = np.random.default_rng(0).random((_N_SAMPLES, 2))
    best = scipy.special.ndtri(uniform[:, 0] ** (1 / max(n, 2)))
    return float(noise * np.quantile(best - scipy.special.ndtri(uniform[:, 1]), LEVEL))
