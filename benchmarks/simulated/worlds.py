"""Studies whose truth is known: candidates better by so many seed spreads, and kinds of noise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tuner.comparison.statistics.pairwise import Standing
from tuner.comparison.statistics.scored import ScoredCandidate, Scores

Noise = Callable[[np.random.Generator, tuple[int, int]], np.ndarray]
ACCURACY, SPREAD, N_TEST = 0.98, 0.001, 10_000


def _rare_bad_runs(generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Mean 0, spread 1, skewness -1.4."""
    return (2 - generator.gamma(2, size=shape)) / np.sqrt(2)


def _in_turn(first: float, second: float, n: int) -> np.ndarray:
    return np.where(np.arange(n) % 2, second, first)[:, None]


def _unequal(generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Spreads of 1 and 3 in turn."""
    return _in_turn(1.0, 3.0, shape[0]) * generator.standard_normal(shape)


def _opposed(generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Rare bad runs and rare good runs in turn."""
    return _in_turn(1.0, -1.0, shape[0]) * _rare_bad_runs(generator, shape)


NOISES: dict[str, Noise] = {
    "normal": lambda generator, shape: generator.standard_normal(shape),
    "skewed": _rare_bad_runs,
    "unequal": _unequal,
    "opposed": _opposed,
}
"""What seeds do to each candidate, beside what they do to all of them."""


@dataclass(frozen=True)
class World:
    """What is true: the first candidate is without dropout, `means` are in seed spreads.

    `missing` is the share of seeds that are not finished. Half of the variance is the seed's, the
    same for all candidates: the differences spread as the values do.
    """

    name: str
    means: tuple[float, ...]
    noise: str = "normal"
    missing: float = 0.0

    @property
    def best(self) -> frozenset[str]:
        """The names of the best; several where none is better than all others."""
        return frozenset(str(i) for i, mean in enumerate(self.means) if mean == max(self.means))

    def truth(self, row: Standing) -> float:
        """The true accuracy of a candidate."""
        return ACCURACY + SPREAD * self.means[int(row.candidate.name)]

    def gain(self, row: Standing) -> float:
        """By how much it is truly better than no dropout."""
        return self.truth(row) - (ACCURACY + SPREAD * self.means[0])

    def scores(self, n_seeds: int, generator: np.random.Generator) -> Scores:
        """One study."""
        own = NOISES[self.noise](generator, (len(self.means), n_seeds))
        shared = generator.standard_normal(n_seeds)
        deviations = np.sqrt(0.5) * (own + shared) + np.array(self.means)[:, None]
        values = ACCURACY + SPREAD * deviations
        values[generator.random(values.shape) < self.missing] = np.nan
        candidates = (_candidate(i, tuple(row)) for i, row in enumerate(values.tolist()))
        return Scores(tuple(candidates), "accuracy", "maximize", N_TEST)


def _candidate(index: int, values: tuple[float, ...]) -> ScoredCandidate:
    if index == 0:
        return ScoredCandidate("0", "none", {"width": 256}, 1, values, "no dropout")
    params = {"rate": 0.05 * index, "width": 256}
    return ScoredCandidate(str(index), "standard", params, 2, values)
