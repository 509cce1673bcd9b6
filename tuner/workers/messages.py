"""What a search is asked for, and what its processes tell each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tuner.data.dataset import TrainValidation
from tuner.storage.settings import HEARTBEAT
from tuner.study.definition import StudyDefinition
from tuner.study.search_space import SearchSpace
from tuner.workers.watch import Limits


@dataclass(frozen=True)
class SearchRequest:
    """What `tuner search` was asked for.

    `folder` takes the best model, `timeout` is in seconds, `add` counts trials on top of those
    that are to be finished, `n_processes` share the cores, `heartbeat` is in seconds. `study` is
    the name in the store where it is not that of the definition.
    """

    definition: StudyDefinition
    url: str
    folder: Path
    timeout: float | None = None
    add: int | None = None
    n_processes: int = 1
    heartbeat: float = HEARTBEAT
    study: str = ""
    verbose: bool = False


@dataclass(frozen=True)
class Asked:
    """What `tuner worker` was asked for.

    The store, the studies (all, if none is named), and how to run and show their trials. It ends
    after `max_trials`, or once nothing was left for `idle` seconds. Where it `unpacks`, code in
    bundles of the store is run.
    """

    url: str
    names: tuple[str, ...]
    checkpoints: Path | None
    heartbeat: float
    watch: bool
    quiet: bool
    verbose: bool
    max_trials: int | None = None
    idle: float | None = None
    unpacks: bool = False


@dataclass(frozen=True)
class Work:
    """What a worker is given: the job, and the development parts of its data."""

    request: SearchRequest
    train_validation: TrainValidation
    fingerprint: str


@dataclass(frozen=True)
class Ready:
    """A worker can begin; the definition as it became, its space, what there is to say."""

    definition: StudyDefinition
    space: SearchSpace
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Began:
    """A process has taken a trial of a study."""

    pid: int
    study: str
    number: int
    limits: Limits


@dataclass(frozen=True)
class Epoch:
    """A trial has done an epoch, in the process `pid`."""

    number: int
    epoch: int
    value: float
    pid: int = 0


@dataclass(frozen=True)
class Ended:
    """A trial has ended, in the process `pid`, or has gone back to the queue: it is not over."""

    number: int
    pid: int = 0
    is_over: bool = True


@dataclass(frozen=True)
class Notice:
    """Something that the user should read, once."""

    text: str


@dataclass(frozen=True)
class Spent:
    """Where the seconds of a process went."""

    process: str
    seconds: dict[str, float]


@dataclass(frozen=True)
class Measured:
    """What a process has spent on a trial, by what for, and what went wrong meanwhile.

    Calls of the store that were tried again, and trials that others took.
    """

    seconds: Mapping[str, float]
    retries: int
    lost_trials: int


class Served:
    """A worker has found nothing more to do."""


@dataclass(frozen=True)
class Again:
    """The order to say nothing of data and models: a process that is gone has done so.

    So many trials have `ended` before.
    """

    ended: int = 0


class Go:
    """The order to begin."""
