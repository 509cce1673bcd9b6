"""A table as a world to search in: what a trial gets to see, and what is true."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from table import stored
from table.point import Point

from tuner.schema import Range, Scalar
from tuner.training.naming import Direction

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class World:
    """One table: `validation` [points, seeds, epochs] and `test` [points, seeds] of the metric.

    `n_validation` rows choose; `warmup` is the share of a training that a variant is not judged in.
    """

    name: str
    metric: str
    direction: Direction
    points: tuple[Point, ...]
    ranges: Mapping[str, Range]
    validation: Floats
    test: Floats
    n_validation: int
    warmup: Mapping[str, float]

    @cached_property
    def sign(self) -> int:
        """1 where large values are good, -1 where small ones are."""
        return 1 if self.direction == "maximize" else -1

    @property
    def epochs(self) -> int:
        """Of a whole training."""
        return int(self.validation.shape[2])

    @cached_property
    def widths(self) -> tuple[int, ...]:
        """Rising."""
        return tuple(sorted({point.width for point in self.points}))

    @cached_property
    def variants(self) -> tuple[str, ...]:
        """In the table's order, `none` first."""
        return tuple(dict.fromkeys(point.variant for point in self.points))

    @cached_property
    def nones(self) -> list[int]:
        """The points without dropout."""
        return [i for i, point in enumerate(self.points) if point.variant == "none"]

    @cached_property
    def _near(self) -> dict[tuple[str, int], tuple[Floats, list[int]]]:
        """By variant and width: the rates on the scale of its range, and the points there.

        Where a variant's range begins at 0 and the table does not have it there, that is `none`.
        """
        found = {}
        for variant, width in {(point.variant, point.width) for point in self.points}:
            here = [
                i for i, p in enumerate(self.points) if (p.variant, p.width) == (variant, width)
            ]
            rates = [self.points[i].rate for i in here]
            if variant != "none" and self.ranges[variant].low == 0 and 0.0 not in rates:
                none = next(i for i in self.nones if self.points[i].width == width)
                here, rates = [none, *here], [0.0, *rates]
            found[variant, width] = np.array([self._scaled(variant, r) for r in rates]), here
        return found

    def _scaled(self, variant: str, rate: float) -> float:
        return math.log(rate) if variant != "none" and self.ranges[variant].log else rate

    def nearest(self, params: Mapping[str, Scalar]) -> int:
        """The point of a variant and a width whose rate is nearest."""
        variant = str(params["variant"])
        rates, here = self._near[variant, int(params["width"])]
        rate = self._scaled(variant, float(params["rate"]))
        return here[int(np.abs(rates - rate).argmin())]

    def at(self, variant: str, share: float, width: int) -> int:
        """The point nearest to a share, 0 to 1, of the range of a variant's rate on its scale."""
        if variant == "none":
            return self.nearest({"variant": variant, "rate": 0.0, "width": width})
        low, high = (float(end) for end in (self.ranges[variant].low, self.ranges[variant].high))
        log = self.ranges[variant].log
        rate = low * (high / low) ** share if log else low + (high - low) * share
        return self.nearest({"variant": variant, "rate": rate, "width": width})


def load(path: Path = stored.FILE) -> dict[str, World]:
    """All tables of a file."""
    trainings, about = stored.read(path)
    return {name: _world(name, found, about[name]) for name, found in trainings.items()}


def _world(name: str, found: Sequence[stored.Training], about: Mapping[str, Any]) -> World:
    """The points that have as many seeds as most, the first ones; others are not finished."""
    by_point: dict[Point, dict[int, stored.Training]] = {}
    for each in found:
        by_point.setdefault(Point(each.variant, each.rate, each.width), {})[each.seed] = each
    [(n, _)] = Counter(map(len, by_point.values())).most_common(1)
    order, own = [*about["hyperparameters"]][::-1], about["hyperparameters"].items()
    points = sorted(
        (point for point, seeds in by_point.items() if seeds.keys() >= set(range(n))),
        key=lambda point: order.index(point.variant),
    )
    rows = [[by_point[point][seed] for seed in range(n)] for point in points]
    validation = np.array([[each.validation for each in row] for row in rows])
    if not np.isfinite(validation).all():
        raise ValueError(f"{name}: some trainings diverged")
    return World(
        name=name,
        metric=about["metric"],
        direction=about["direction"],
        points=tuple(points),
        ranges={variant: Range(**ends) for variant, ends in about["ranges"].items()},
        validation=validation,
        test=np.array([[each.test for each in row] for row in rows]),
        n_validation=about["rows"]["validation"],
        warmup={variant: float(hps.get("warmup_frac", 0.0)) for variant, hps in own},
    )
