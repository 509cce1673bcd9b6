"""What was recorded, trained again: a candidate of each case, with one of its seeds."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from evidence.case import Case, Place, Training, label
from evidence.part import Part
from evidence.training import train
from scipy import stats

DIFFERS = "DIFFERS"
_SAME = 1e-6
_FALSE_ALARMS = 1e-3


@dataclass(frozen=True)
class Checked:
    """A training and the same again; two differ by more than `limit` once in 1,000 times."""

    recorded: Training
    again: Training
    limit: float

    @property
    def difference(self) -> float:
        """Of the metric on the test part."""
        again = self.again.measured.get("test", float("nan"))  # it may diverge
        return abs(again - self.recorded.measured["test"])

    @property
    def word(self) -> str:
        """Whether it is the same; another processor may add in another order."""
        if self.difference < _SAME:
            return "same"
        return "as another seed" if self.difference < self.limit else DIFFERS


def sample(part: Part, place: Place, found: Sequence[Training]) -> Iterator[tuple[Case, Training]]:
    """A training of each case, of the first seed that has one."""
    seen: set[str] = set()
    for seed in sorted({each.seed for each in found}):
        for case in part.cases(place, seed, found):
            own = [e for e in found if (e.case, e.seed) == (case.name, seed) and e.measured]
            if own and case.name not in seen:
                seen.add(case.name)
                yield case, own[zlib.crc32(case.name.encode()) % len(own)]


def check(part: Part, place: Place, found: Sequence[Training], threads: int) -> Iterator[Checked]:
    """Train again what was made with so many threads of a sample of a part."""
    for case, recorded in sample(part, place, found):
        if recorded.threads == threads:
            (again,) = train(part.name, replace(case, candidates=[recorded.params]), set())
            yield Checked(recorded, again, limit(found, recorded))


def limit(found: Sequence[Training], recorded: Training) -> float:
    """What two trainings on the same rows differ by once in 1,000 times.

    Their spread is what candidates and seeds do not explain of the case; of a case with one seed,
    of all its part; without any it is infinite.
    """
    known = [each for each in found if each.measured]
    for among in ([each for each in known if each.case == recorded.case], known):
        groups = [(f"{e.case}, {label(e.params)}", f"{e.case}, seed {e.seed}") for e in among]
        names = sorted({name for pair in groups for name in pair})
        explaining = np.array([[name in pair for name in names] for pair in groups], dtype=float)
        tested = np.array([each.measured["test"] for each in among])
        weights, _, rank, _ = np.linalg.lstsq(explaining, tested)
        if freedom := len(among) - rank:
            variance = np.sum((tested - explaining @ weights) ** 2) / freedom
            return float(stats.t.ppf(1 - _FALSE_ALARMS / 2, freedom) * np.sqrt(2 * variance))
    return float("inf")
