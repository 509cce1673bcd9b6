"""Studies whose truth is known: candidates better by so many seed spreads, and kinds of noise."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner.comparison.statistics.looks import Race
from tuner.comparison.statistics.pairwise import Standing
from tuner.comparison.statistics.scored import ScoredCandidate, Scores

Floats = NDArray[np.float64]
Noise = Callable[[np.random.Generator, tuple[int, int]], Floats]
ACCURACY, SPREAD, N_TEST = 0.98, 0.001, 10_000


def _rare_bad_runs(generator: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Mean 0, spread 1, skewness -1.4."""
    return (2 - generator.gamma(2, size=shape)) / math.sqrt(2)


def _in_turn(first: float, second: float, n: int) -> Floats:
    return np.where(np.arange(n) % 2, second, first).reshape(-1, 1)


def _unequal(generator: np.random.Generator, shape: tuple[int, int]) -> Floats:
    """Spreads of 1 and 3 in turn."""
    return _in_turn(1.0, 3.0, shape[0]) * generator.standard_normal(shape)


def _opposed(generator: np.random.Generator, shape: tuple[int, int]) -> Floats:
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
    """What is true, in seed spreads: `nones` are networks without dropout, `means` those with it.

    The search has found the first of the nones; `of` says, in turn, which of them is whose twin.
    `missing` is the share of seeds that are not finished. Half of the variance is the seed's, the
    same for all candidates: the differences spread as the values do.
    """

    name: str
    means: tuple[float, ...]
    nones: tuple[float, ...] = (0.0,)
    of: tuple[int, ...] = (0,)
    noise: str = "normal"
    missing: float = 0.0

    @property
    def best(self) -> frozenset[str]:
        """The names of the best; several where none is better than all others."""
        values = self._values()
        return frozenset(name for name, mean in values.items() if mean == max(values.values()))

    def truth(self, row: Standing) -> float:
        """The true accuracy of a candidate."""
        return ACCURACY + SPREAD * self._values()[row.candidate.name]

    def effect(self, row: Standing) -> float:
        """By how much it is truly better than its twin."""
        twin = self._values()[str(row.candidate.twin)]
        return SPREAD * (self._values()[row.candidate.name] - twin)

    def gain(self, row: Standing, over: Iterable[str] | None = None) -> float:
        """By how much it is truly better than the best without dropout, or the best of these."""
        values = self._values()
        nones = [values[name] for name in over] if over is not None else self.nones
        return SPREAD * (values[row.candidate.name] - max(nones))

    def values(self, n_seeds: int, generator: np.random.Generator) -> dict[str, list[float]]:
        """One study: accuracies of each candidate by seed, NaN where one is not finished."""
        means = self._values()
        own = NOISES[self.noise](generator, (len(means), n_seeds))
        shared = generator.standard_normal(n_seeds)
        deviations = np.sqrt(0.5) * (own + shared) + np.array([*means.values()])[:, None]
        found = ACCURACY + SPREAD * deviations
        found[generator.random(found.shape) < self.missing] = np.nan
        return dict(zip(means, found.tolist(), strict=True))

    def scores(self, values: Mapping[str, Sequence[float]], race: Race | None = None) -> Scores:
        """A study of these values."""
        candidates = (self._candidate(name, tuple(each)) for name, each in values.items())
        return Scores(tuple(candidates), "accuracy", "maximize", N_TEST, race)

    def _values(self) -> dict[str, float]:
        nones = {f"none {i}": mean for i, mean in enumerate(self.nones)}
        return nones | {str(i): mean for i, mean in enumerate(self.means, start=1)}

    def _candidate(self, name: str, values: tuple[float, ...]) -> ScoredCandidate:
        if name.startswith("none"):
            width = 64 * 2 ** int(name.split()[1])
            return ScoredCandidate(name, "none", {"width": width}, 1, values, "no dropout")
        index = int(name)
        twin = self.of[(index - 1) % len(self.of)]
        params = {"rate": 0.05 * index, "width": 64 * 2**twin}
        return ScoredCandidate(name, "standard", params, 2, values, twin=f"none {twin}")
