"""What is trained for a part of the document, and what came of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tuner.schema import Scalar

Params = Mapping[str, Scalar]


NONE: Params = {"variant": "none", "rate": 0.0}


def dropout(variant: str, rate: float) -> Params:
    """A candidate."""
    return {"variant": variant, "rate": rate}


@dataclass(frozen=True)
class Place:
    """Where the data are, and where files that follow from them may be written."""

    data: Path
    work: Path


@dataclass(frozen=True)
class Case:
    """Candidates that one seed trains on the same rows; `study` is what a study file says.

    Where it `diagnoses`, what dropout does to a network is measured too, on the test part.
    """

    name: str
    seed: int
    study: Mapping[str, Any]
    candidates: Sequence[Params]
    diagnoses: bool = False


@dataclass(frozen=True)
class Training:
    """One training of a candidate: after each epoch the metric on both parts, as `fit` shows it.

    `measured` is what the network at the end is worth: `train`, `validation` and `test` are the
    metric; of targets `..._passes` is that of 100 noisy passes and `..._nll_T` the negative log
    density of a row with precision T; `test_...` is what is diagnosed. A training that diverged has
    nothing. `threads` is 0, and `processor` empty, where it was not noted.
    """

    part: str
    case: str
    seed: int
    params: Params
    train: Sequence[float]
    validation: Sequence[float]
    measured: Mapping[str, float]
    seconds: float
    threads: int = 0
    processor: str = ""

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What tells it from all others."""
        return self.part, self.case, self.seed, label(self.params)

    @property
    def rate(self) -> float:
        """The probability of dropping; 0 without dropout."""
        return float(self.params["rate"])

    @property
    def variant(self) -> str:
        """The kind of dropout."""
        return str(self.params["variant"])


def label(params: Params) -> str:
    """Params in a line."""
    return ", ".join(f"{name} {value}" for name, value in params.items())


Cases = Callable[[Place, int, Sequence[Training]], Iterator[Case]]
"""What a seed trains; of the part's trainings so far, what was chosen by validation."""
