"""What was recorded, trained again: a candidate of each case, with one of its seeds."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from evidence.case import Case, Place, Training, label
from evidence.part import Part
from evidence.training import train

DIFFERS = "DIFFERS"
_SAME = 1e-6


@dataclass(frozen=True)
class Checked:
    """A training and the same again; `spread` is the deviation of its seeds."""

    recorded: Training
    again: Training
    spread: float

    @property
    def difference(self) -> float:
        """Of the metric on the test part."""
        return abs(self.again.measured["test"] - self.recorded.measured["test"])

    @property
    def word(self) -> str:
        """Whether it is the same; another processor may add in another order."""
        if self.difference < _SAME:
            return "same"
        return "as another seed" if self.difference < 4 * self.spread else DIFFERS


def check(part: Part, place: Place, found: Sequence[Training]) -> Iterator[Checked]:
    """Train a sample of a part again."""
    seen: set[str] = set()
    for seed in sorted({each.seed for each in found}):
        for case in part.cases(place, seed, found):
            own = [each for each in found if each.case == case.name and each.measured]
            once = [each for each in own if each.seed == case.seed]
            if case.name in seen or not once:
                continue
            seen.add(case.name)
            recorded = once[zlib.crc32(case.name.encode()) % len(once)]
            (again,) = train(part.name, _only(case, recorded), set())
            same = [e.measured["test"] for e in own if label(e.params) == label(recorded.params)]
            yield Checked(recorded, again, float(np.std(same)))


def _only(case: Case, training: Training) -> Case:
    return replace(case, candidates=[training.params])
