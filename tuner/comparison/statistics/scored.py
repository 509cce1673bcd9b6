"""What is compared: configurations, each with its test metric on the same seeds."""

import math
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tuner.schema import Params

Role = Literal["searched", "no dropout", "standard 0.5"]
_FLOAT32 = 2.0**-23


@dataclass(frozen=True)
class ScoredCandidate:
    """A configuration and its test metric by seed; None or NaN where a seed is not finished.

    `n_hyperparameters` counts what was searched to find it. `role` tells the tuned configuration
    without dropout and the fixed baseline from the others.
    """

    name: str
    variant: str
    params: Params
    n_hyperparameters: int
    values: tuple[float | None, ...]
    role: Role = "searched"

    @property
    def is_dropout(self) -> bool:
        """Whether it drops anything."""
        return self.variant != "none"

    @property
    def rate(self) -> float | None:
        """The probability of dropping, where it has one."""
        return _number(self.params, "rate") if self.is_dropout else None

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

    def minus(self, other: "ScoredCandidate") -> list[float]:
        """The differences on the seeds that both have finished."""
        differences = (a - b for a, b in zip(self.by_seed, other.by_seed, strict=True))
        return [difference for difference in differences if not math.isnan(difference)]


@dataclass(frozen=True)
class Scores:
    """All candidates of a study, on `n_test` test rows; ValueError if they do not fit together."""

    candidates: tuple[ScoredCandidate, ...]
    metric: str
    direction: Literal["maximize", "minimize"]
    n_test: int

    def __post_init__(self) -> None:
        names = [candidate.name for candidate in self.candidates]
        if len(set(names)) < len(names):
            raise ValueError(f"expected a name for each candidate, got {names}")
        if len({len(candidate.values) for candidate in self.candidates}) != 1:
            raise ValueError(
                "expected as many seeds of every candidate, and one candidate at least"
            )
        none = [
            candidate.variant for candidate in self.candidates if candidate.role == "no dropout"
        ]
        if none not in ([], ["none"]):
            raise ValueError(f"expected no dropout to be one candidate of variant none, got {none}")
        if any(math.isinf(value) for candidate in self.candidates for value in candidate.finished):
            raise ValueError("expected finite values, or None where a seed is not finished")
        if not any(candidate.finished for candidate in self.candidates):
            raise ValueError("expected a finished seed, got none")
        if self.direction not in ("maximize", "minimize") or self.n_test < 1:
            raise ValueError("expected maximize or minimize, and one test row at least")

    @property
    def sign(self) -> int:
        """1 where a larger value is better, else -1."""
        return 1 if self.direction == "maximize" else -1

    @cached_property
    def least_spread(self) -> float:
        """What rounding alone spreads a difference: to whole test rows, or to 32 bits."""
        largest = max(abs(value) for candidate in self.candidates for value in candidate.finished)
        step = 1 / self.n_test if self.metric == "accuracy" else _FLOAT32 * largest
        return max(step, sys.float_info.min) / math.sqrt(6)


def _number(params: Params, name: str) -> float | None:
    value = params.get(name)
    return float(value) if isinstance(value, int | float) else None
