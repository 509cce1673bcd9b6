"""The trials of a study as a queue: claim from it, hand back, count."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from optuna.trial import FrozenTrial, Trial, TrialState

from tuner.schema import Scalar
from tuner.storage.lease import worker_of
from tuner.storage.optuna_objects import WorkerStudy, claimed
from tuner.storage.settings import HEARTBEAT
from tuner.storage.stale import End, reap, take
from tuner.storage.tables import FIXED_PARAMS
from tuner.storage.tally import slowest_step, states
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.samplers import make_sampler

_GIVE_UP = 5


@dataclass(frozen=True)
class Counts:
    """Trials by state; `finished` ones are complete or pruned."""

    complete: int = 0
    pruned: int = 0
    failed: int = 0
    waiting: int = 0
    running: int = 0

    @classmethod
    def of(cls, states: Mapping[TrialState, int]) -> "Counts":
        """From the number of trials in each of Optuna's states."""
        return cls(
            complete=states.get(TrialState.COMPLETE, 0),
            pruned=states.get(TrialState.PRUNED, 0),
            failed=states.get(TrialState.FAIL, 0),
            waiting=states.get(TrialState.WAITING, 0),
            running=states.get(TrialState.RUNNING, 0),
        )

    @property
    def finished(self) -> int:
        """How much of the budget is spent."""
        return self.complete + self.pruned

    @property
    def total(self) -> int:
        """All of them."""
        return self.finished + self.failed + self.waiting + self.running


def claim(
    study: WorkerStudy,
    definition: StudyDefinition,
    is_known: Callable[[Mapping[str, Scalar]], bool] = lambda params: False,
    heartbeat: float = HEARTBEAT,
) -> Trial | None:
    """Take the next waiting trial, or None; of several workers exactly one gets it.

    Of the points of a grid, whose order is of no matter, those come first whose params are known.
    """
    known, is_served = [], study.store.served is not None
    if definition.search.sampler == "grid" and not is_served:
        waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        numbers = [trial.number for trial in waiting if _is_known_point(trial, is_known)]
        known = [study.trial_id(number) for number in numbers]
    trial_id = study.store.claim(study.id, heartbeat, known)
    if trial_id is None:
        return None
    if not is_served:
        study.sampler = make_sampler(definition, study.store.get_trial(trial_id).number)
    return claimed(study, trial_id)


def _is_known_point(trial: FrozenTrial, is_known: Callable[[Mapping[str, Scalar]], bool]) -> bool:
    is_point = attrs.GRID_POINT.is_in(trial.user_attrs)
    return is_point and is_known(trial.system_attrs[FIXED_PARAMS])


def requeue_dead(study: WorkerStudy, *, blame: bool = True, spare: Collection[int] = ()) -> int:
    """Hand back the running trials of workers that are gone; how many they were.

    A worker is gone that was a process of this host, or that has given no sign of life for long.
    Without `blame` that does not count as one of the three attempts of the trial. Processes to
    `spare` are those of whom the caller will hear how they ended.
    """
    workers = {worker_of(pid) for pid in spare}
    reaped = reap(study.store.database, study.id, blame=blame, spare=workers)
    if reaped:
        study.store.forget()
    return len(reaped)


def give_up(study: WorkerStudy, number: int, pid: int, reason: str) -> bool:
    """Fail the trial that a process of this host runs; whether it had it still."""
    return _take(study, number, pid, "fail", reason)


def blame(study: WorkerStudy, number: int, pid: int, reason: str, *, is_own: bool = False) -> bool:
    """Count an attempt of the trial of a process that has died; whether it had it still.

    Where the reason `is_own`, it lies in the trial: the same one twice in a row fails it.
    """
    return _take(study, number, pid, "count", reason, is_own=is_own)


def hand_back(study: WorkerStudy, number: int, pid: int) -> bool:
    """Put the trial of a process that was ended into the queue; whether it had it still."""
    return _take(study, number, pid, "release")


def _take(
    study: WorkerStudy, number: int, pid: int, end: End, reason: str = "", *, is_own: bool = False
) -> bool:
    given = (study.id, number, worker_of(pid), end, reason)
    is_taken = take(study.store.database, *given, is_own=is_own)
    study.store.forget()
    return is_taken


def count(study: WorkerStudy) -> Counts:
    """How many trials are in which state."""
    return Counts.of(study.store.database.ask(states, study.id))


def longest_epoch(study: WorkerStudy, definition: StudyDefinition) -> float:
    """The most seconds that an epoch has taken in a trial that has ended; 0 before one has."""
    return study.store.database.ask(slowest_step, study.id) / definition.step_epochs


def is_hopeless(counts: Counts, failed: int, budget: int) -> bool:
    """Whether to give up after `failed` failures: soon where nothing works, else after `budget`."""
    return failed >= (max(_GIVE_UP, budget) if counts.finished else min(_GIVE_UP, budget))
