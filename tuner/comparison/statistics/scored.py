"""What is compared: configurations, each with its test metric on the same seeds."""

import itertools
import math
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tuner.comparison.statistics.looks import Race
from tuner.schema import AS_WRITTEN, Params

Role = Literal["dropout", "no dropout"]
_RIVALS = 2
"""Networks without dropout that its leader meets, beside its twin."""

_FLOAT32 = 2.0**-23


@dataclass(frozen=True)
class ScoredCandidate:
    """A configuration and its test metric by seed; None or NaN where a seed is not finished.

    `n_hyperparameters` counts what was searched to find it. `twin` names the same network without
    dropout, where it is among the candidates. A network whose variant is switched off (alpha at
    rate 0) is one without dropout.
    """

    name: str
    variant: str
    params: Params
    n_hyperparameters: int
    values: tuple[float | None, ...]
    role: Role = "dropout"
    twin: str | None = None

    @property
    def is_dropout(self) -> bool:
        """Whether it drops anything."""
        return self.role == "dropout"

    @property
    def rate(self) -> float | None:
        """The probability of dropping, where it has one."""
        is_rated = self.is_dropout and self.variant != AS_WRITTEN
        return _number(self.params, "rate") if is_rated else None

    @property
    def width(self) -> float | None:
        """The width of its layers, where it has one."""
        return _number(self.params, "width")

    @cached_property
    def by_seed(self) -> tuple[float, ...]:
        """The values, NaN where there is none."""
        return tuple(math.nan if value is None else value for value in self.values)

    @cached_property
    def finished(self) -> list[float]:
        """The values there are."""
        return [value for value in self.by_seed if not math.isnan(value)]

    def minus(self, other: "ScoredCandidate", since: int = 0) -> list[float]:
        """The differences on the seeds that both have finished, from seed `since` on."""
        differences = (a - b for a, b in zip(self.by_seed, other.by_seed, strict=True))
        found = itertools.islice(differences, since, None)
        return [difference for difference in found if not math.isnan(difference)]


@dataclass(frozen=True)
class Scores:
    """All candidates of a study, on `n_test` test rows; ValueError if they do not fit together.

    Without a `race` every candidate is to have every seed.
    """

    candidates: tuple[ScoredCandidate, ...]
    metric: str
    direction: Literal["maximize", "minimize"]
    n_test: int
    race: Race | None = None

    def __post_init__(self) -> None:
        names = [candidate.name for candidate in self.candidates]
        if len(set(names)) < len(names):
            raise ValueError(f"expected a name for each candidate, got {names}")
        if len({len(candidate.values) for candidate in self.candidates}) != 1:
            raise ValueError(
                "expected as many seeds of every candidate, and one candidate at least"
            )
        without = {each.name for each in self.candidates if not each.is_dropout}
        for each in self.candidates:
            if each.twin is not None and each.twin not in without:
                raise ValueError(f"expected a twin among {sorted(without)}, got {each.twin!r}")
        if any(math.isinf(value) for candidate in self.candidates for value in candidate.finished):
            raise ValueError("expected finite values, or None where a seed is not finished")
        if self.direction not in ("maximize", "minimize") or self.n_test < 1:
            raise ValueError("expected maximize or minimize, and one test row at least")

    @cached_property
    def dropouts(self) -> tuple[ScoredCandidate, ...]:
        """The candidates with dropout."""
        return tuple(each for each in self.candidates if each.is_dropout)

    @cached_property
    def nones(self) -> tuple[ScoredCandidate, ...]:
        """The networks without dropout; the first is what the search found."""
        return tuple(each for each in self.candidates if not each.is_dropout)

    @cached_property
    def leader(self) -> ScoredCandidate | None:
        """The candidate with dropout that is best on the qualifying seeds of a race.

        That it was picked flatters it on these seeds, and on no others: on those that follow it is
        judged as if it had been the only one.
        """
        if self.race is None or not self.dropouts:
            return None
        return self._best(self.dropouts, self.race.qualifying)[0]

    @cached_property
    def rivals(self) -> tuple[ScoredCandidate, ...]:
        """The networks without dropout that the leader meets: its twin, and the best others."""
        race, first = self.race, self.leader
        if race is None or first is None or not race.qualifying:
            return self.nones
        twin = [each for each in self.nones if each.name == first.twin]
        others = [each for each in self.nones if each not in twin]
        return (*twin, *self._best(others, race.qualifying)[:_RIVALS])

    def _best(self, candidates: Iterable[ScoredCandidate], n_seeds: int) -> list[ScoredCandidate]:
        """The best on the first seeds; those that did not finish with one of them are last."""

        def rank(candidate: ScoredCandidate) -> tuple[int, float, int, str]:
            values = [v for v in candidate.by_seed[:n_seeds] if not math.isnan(v)]
            mean = sum(values) / len(values) if values else 0.0
            return -len(values), -self.sign * mean, candidate.n_hyperparameters, candidate.name

        return sorted(candidates, key=rank)

    @cached_property
    def written(self) -> ScoredCandidate | None:
        """A user's own network with the dropout that it came with, if it had any."""
        return next((each for each in self.dropouts if each.variant == AS_WRITTEN), None)

    @property
    def n_seeds(self) -> int:
        """The most seeds that a candidate may have."""
        return len(self.candidates[0].values)

    @property
    def sign(self) -> int:
        """1 where a larger value is better, else -1."""
        return 1 if self.direction == "maximize" else -1

    @cached_property
    def least_spread(self) -> float:
        """What rounding alone spreads a difference: to whole test rows, or to 32 bits."""
        finished = [abs(value) for candidate in self.candidates for value in candidate.finished]
        largest = max(finished, default=0.0)
        step = 1 / self.n_test if self.metric == "accuracy" else _FLOAT32 * largest
        return max(step, sys.float_info.min) / math.sqrt(6)


def _number(params: Params, name: str) -> float | None:
    value = params.get(name)
    return float(value) if isinstance(value, int | float) else None
