"""What is true of the points of a table, and how far a recommendation is from the best."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from replay.method import Seeds
from replay.world import Floats, World


@dataclass(frozen=True)
class Truth:
    """What all seeds of a table say together; values are signed, so that large ones are good."""

    world: World

    @cached_property
    def _finals(self) -> Floats:
        return self.world.sign * self.world.validation[:, :, -1]

    @cached_property
    def means(self) -> Floats:
        """Of each point, over all seeds."""
        means: Floats = self._finals.mean(axis=1)
        return means

    @cached_property
    def best(self) -> int:
        """The best point of the table: it owes some of its mean to luck, as the best of so many."""
        return int(self.means.argmax())

    @cached_property
    def best_none(self) -> int:
        """The best point without dropout."""
        return max(self.world.nones, key=lambda i: self.means[i])

    @cached_property
    def spread(self) -> float:
        """From the median point to the best one: regret is divided by it, to average tables."""
        return float(self.means.max() - np.median(self.means)) or 1.0

    def regret(self, point: int, seeds: Seeds) -> float:
        """How much better the best point is, on seeds that no trial of the replication has drawn.

        The best is what somebody takes who trains every point with every seed that may be drawn.
        """
        return self._held_out(self.best_drawn(seeds), point, seeds)

    def luck(self, seeds: Seeds) -> float:
        """How much better than that the point is that all seeds together call the best."""
        return self._held_out(self.best, self.best_drawn(seeds), seeds)

    def best_drawn(self, seeds: Seeds) -> int:
        """The best point on the seeds that may be drawn."""
        return int(self._finals[:, seeds.drawn].mean(axis=1).argmax())

    def _held_out(self, point: int, other: int, seeds: Seeds) -> float:
        held_out = self._finals[:, seeds.held_out].mean(axis=1)
        return float(held_out[point] - held_out[other])

    def is_worse(self, point: int) -> bool:
        """Whether a point is worse than the best without dropout, by two standard errors.

        Those of the differences over all seeds, which are pairs: the same weights to begin with.
        """
        difference = self._finals[self.best_none] - self._finals[point]
        error = difference.std(ddof=1) / np.sqrt(len(difference))
        return bool(difference.mean() > 2 * error)
