"""What a model learns from: trials with their values, of many a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from tuner.schema import Axis, Params
from tuner.study.curves.kernel import Component
from tuner.study.curves.points import Floats
from tuner.study.curves.values import Transform

NOISE = Component("noise", 0.2)
MOST = 800
"""Of more trials so many are modelled: time and memory grow with their square and more."""

T = TypeVar("T")


@dataclass(frozen=True)
class Tried:
    """Trials to learn from, n of them.

    values: [n], in the metric's units. extra: [n], variances of values that are not measured but
    extrapolated, in units of `transform`. `axes` are what was drawn from, by Optuna's names.
    `best` are params of the best trials, of which the model learns nothing, where there are many:
    it would take their luck for a rule.
    """

    params: Sequence[Params]
    values: Floats
    transform: Transform
    extra: Floats
    axes: Mapping[str, Axis]
    noise: Component = NOISE
    best: Sequence[Params] = ()

    def few(self) -> "Tried":
        """At most 800 of the trials, whatever they are worth: spread over all, none first."""
        if len(self.params) <= MOST:
            return self
        without = [i for i, each in enumerate(self.params) if each["variant"] == "none"]
        others = [i for i, each in enumerate(self.params) if each["variant"] != "none"]
        kept = spread(without, MOST // 2)
        rows = sorted(kept + spread(others, MOST - len(kept)))
        params = [self.params[i] for i in rows]
        return replace(self, params=params, values=self.values[rows], extra=self.extra[rows])

    @classmethod
    def of(
        cls,
        params: Sequence[Params],
        values: Sequence[float],
        *,
        maximize: bool,
        axes: Mapping[str, Axis] | None = None,
    ) -> "Tried":
        """Complete trials of which nothing else is known."""
        found = np.asarray(values, float)
        without = found[[each["variant"] == "none" for each in params]]
        transform = Transform.of(found, without, maximize=maximize)
        return cls(params, found, transform, np.zeros(len(found)), axes or {})


def spread(rows: Sequence[T], n: int) -> list[T]:
    """At most `n` of the rows, at equal distances."""
    places = np.linspace(0, len(rows) - 1, min(n, len(rows))).astype(int)
    return [rows[i] for i in places]
