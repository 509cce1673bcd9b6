"""What a search method is here, and how one replication of it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from replay.world import Floats, World


@dataclass(frozen=True)
class Proposal:
    """The point to train next, by its number; `seed` counts where a method has its own order."""

    point: int
    seed: int | None = None


class Method(Protocol):
    """A search that is asked in turn what to train, shown it, and asked at times what is best."""

    def propose(self) -> Proposal:
        """The next trial."""

    def learn(self, curve: Floats) -> int:
        """Take the values [epochs] of the trial that was proposed; how many it let it have."""

    def recommend(self) -> int:
        """The point that its user would be told to take now."""


Make = Callable[[World, int, int], Method]
"""A method for a world, a seed, and a budget of trials."""


@dataclass(frozen=True)
class Answer:
    """What a method recommends after so many trials, and the epochs it has trained by then."""

    trials: int
    point: int
    epochs: int


@dataclass(frozen=True)
class Seeds:
    """The seeds of a replication: those that trials draw, and those that tell the truth.

    All methods get the same in a replication, half of the table's each.
    """

    drawn: tuple[int, ...]
    held_out: tuple[int, ...]

    @classmethod
    def of(cls, world: World, replication: int) -> "Seeds":
        """At random."""
        n = world.validation.shape[1]
        mixed = np.random.default_rng((replication, n)).permutation(n).tolist()
        half = (n + 1) // 2
        return cls(tuple(mixed[:half]), tuple(mixed[half:]))


def replay(
    method: Method, world: World, seeds: Seeds, budgets: Sequence[int], seed: int
) -> list[Answer]:
    """Run a method; each trial shows the learning curve of one of the seeds that may be drawn."""
    generator = np.random.default_rng(seed)
    answers, epochs = [], 0
    for trials in range(1, max(budgets) + 1):
        proposal = method.propose()
        number = proposal.seed
        if number is None:
            number = int(generator.integers(len(seeds.drawn)))
        curve = world.validation[proposal.point, seeds.drawn[number % len(seeds.drawn)]]
        epochs += method.learn(curve)
        if trials in budgets:
            answers.append(Answer(trials, method.recommend(), epochs))
    return answers
