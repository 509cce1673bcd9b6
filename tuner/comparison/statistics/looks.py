"""When a race is looked at, and which share of the level each look may spend."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

FIRST_LOOK = 5
"""Fewer seeds could not show that dropout does not help: see decision.py."""

_GROWTH = 1.4
_APART = 1.2
_RESERVE = 1 / 8
"""The share of the level that is kept for more seeds than were planned."""


@dataclass(frozen=True)
class Race:
    """Every candidate has the `qualifying` seeds; the one that is best on them is the leader.

    It is judged on the seeds that follow, of which `planned` were asked for when the race began.
    """

    qualifying: int
    planned: int

    def looks(self) -> Iterator[tuple[int, float]]:
        """Seeds after the qualifying ones at each look, and its share of the level; without end.

        The shares are at most 1 together, so that what is judged at each look at its share of the
        level holds whenever the race stops (the union bound; the intervals are the repeated ones of
        Jennison and Turnbull 1989). Later looks have more of it, in proportion to their seeds.
        """
        sizes = [
            *itertools.takewhile(lambda n: n * _APART <= self.planned, _sizes()),
            self.planned,
        ]
        for size in sizes:
            yield size, (1 - _RESERVE) * size / sum(sizes)
        left = _RESERVE
        for size in itertools.dropwhile(lambda n: n < _APART * self.planned, _sizes()):
            left /= 2
            yield size, left

    def looks_until(self, n: int) -> tuple[tuple[int, float], ...]:
        """The looks at no more than `n` seeds."""
        return tuple(itertools.takewhile(lambda look: look[0] <= n, self.looks()))


def _sizes() -> Iterator[int]:
    """5, 7, 10, 14, 20, 28, ..."""
    size = FIRST_LOOK
    while True:
        yield size
        size = round(_GROWTH * size)
