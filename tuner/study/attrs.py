"""Every attribute that is stored with a study or a trial: its key, its type, what it is.

Keys do not change, as stores hold them; two of them, `fixed` and `point`, mean one thing with one
kind of trial or study and another with another, and have a name for each here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, Protocol, TypedDict, TypeVar

from tuner.schema import Params, Scalar
from tuner.storage import keys

T = TypeVar("T")

ATTRS_VERSION = 1
"""Of what is written now. It rises when a key changes its meaning; a store without it has 1."""

Role = Literal["baseline", "first of its variant", "finalist"]
"""Of a trial whose params are given, all or some; those of a comparison are candidates."""

BASELINE: Role = "baseline"
FIRST: Role = "first of its variant"
CANDIDATE: Role = "finalist"


class CandidateRecord(TypedDict):
    """A candidate of a comparison; `trial` found it, with `n_knobs` hyperparameters searched.

    `is_dropout` and its `twin`, the same network without dropout by name, are not in records of
    earlier versions.
    """

    name: str
    params: dict[str, Scalar]
    trial: int
    n_knobs: int
    is_dropout: NotRequired[bool]
    twin: NotRequired[str | None]


class Opening(TypedDict):
    """When the test part was opened (ISO 8601), and by which command."""

    when: str
    command: str


class HasAttrs(Protocol):
    """A study or a running trial."""

    def set_user_attr(self, key: str, value: Any) -> None: ...


@dataclass(frozen=True)
class Key(Generic[T]):
    """One user attribute: its name in the store, and what it counts as where it is missing."""

    name: str
    default: T

    def of(self, attrs: Mapping[str, Any]) -> T:
        """The value among the attributes of a study or a trial."""
        found: T = attrs.get(self.name, self.default)
        return found

    def is_in(self, attrs: Mapping[str, Any]) -> bool:
        """Whether a study or a trial has it."""
        return self.name in attrs

    def to(self, value: T) -> dict[str, Any]:
        """The attribute with a value, to be put together with others."""
        return {self.name: value}

    def set(self, owner: HasAttrs, value: T) -> None:
        """Store it."""
        owner.set_user_attr(self.name, value)


def set_all(owner: HasAttrs, attrs: Mapping[str, Any]) -> None:
    """Store several attributes, in order."""
    for name, value in attrs.items():
        owner.set_user_attr(name, value)


VERSION = Key[int]("attrs_version", 1)
"""Of a study, as all down to `SPLIT`: the version of what was written."""

DATA = Key[str | None]("data", None)
"""The fingerprint of the data."""

VERSIONS = Key[Mapping[str, str] | None]("versions", None)
"""Of the packages that made it."""

DEFINITION = Key[Mapping[str, Any] | None]("definition", None)
"""The table of its study file. It is written last: a study without it is not ours, or half made."""

FIXED_PARAMS = Key[Sequence[str]]("fixed", ())
"""The params that have one value in all trials of a variant."""

WRITTEN_RATES = Key[Sequence[float]]("written_rates", ())
"""The rates at the sites of a user's own model, as they were written."""

BUNDLE = Key[str | None]("bundle", None)
"""The SHA-256 of its files, where they are in the store, too."""

BUDGET = Key[int | None]("budget", None)
"""How many trials it is to have in the end."""

CLASSES = Key[Sequence[str] | None]("classes", None)
FEATURES = Key[Sequence[str] | None]("features", None)
NOTES = Key[Sequence[str]]("notes", ())
"""What was said of data and model before the first trial, a line each."""

N_TRAIN = Key[int | None]("n_train", None)
N_VALIDATION = Key[int | None]("n_validation", None)
"""Of a search: it chooses on so many rows."""

OPENINGS = Key[Sequence[Opening]]("openings", ())
"""Of a search: when its test part was opened."""

CANDIDATES = Key[Sequence[CandidateRecord]]("finalists", ())
"""Of a comparison, and what tells that it is one."""

SEEDS = Key[Sequence[int]]("seeds", ())
RACE = Key[Sequence[int] | None]("race", None)
"""Of a comparison in rounds: the seeds that all have, and those planned after them."""

MOST_TRIALS = Key[int | None]("most_trials", None)
"""How many trials a comparison may have, where that was limited."""

N_TEST = Key[int]("n_test", 0)
SPLIT = Key[int]("split", 0)
"""Which split of the rows a comparison is on."""

ROLE = Key[Role | None]("role", None)
"""Of a trial, as all that follow; it has this one when it is queued, where it has a role."""

BASELINE_PARAMS = Key[Mapping[str, Scalar]](keys.GIVEN, {})
"""The values of a baseline, by Optuna's names."""

GRID_POINT = Key[int | None](keys.POINT, None)
"""Of a trial of a search: its place in the grid."""

SCORE = Key[str | None](keys.POINT, None)
"""Of a trial of a comparison: what stands for its candidate and its seed."""

CANDIDATE_NAME = Key[str | None]("finalist", None)
PARAMS = Key[Params](keys.PARAMS, {})
SEED = Key[int | None]("seed", None)
MEASURED = Key[Mapping[str, float] | None]("measured", None)
HISTORY = Key[Mapping[str, list[float]] | None](keys.HISTORY, None)
"""Columns by name, a value for each epoch."""

SECONDS = Key[float | None](keys.SECONDS, None)
N_WEIGHTS = Key[int | None]("n_weights", None)
RESUMED_AFTER = Key[int | None]("resumed_after_epoch", None)
WORKER = Key[str | None](keys.WORKER, None)
ATTEMPTS = Key[int](keys.ATTEMPTS, 0)
ERROR = Key[str | None](keys.ERROR, None)


def train_value(metric: str) -> Key[float | None]:
    """The metric on the training part, without noise, after training."""
    return Key(f"train_{metric}", None)
