"""The trials of a study as a queue: fill it, claim from it, hand back, count."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from tuner.schema import Scalar
from tuner.storage.enqueue import Queued, enqueue
from tuner.storage.lease import worker_of
from tuner.storage.optuna_objects import WorkerStudy, claimed
from tuner.storage.settings import HEARTBEAT
from tuner.storage.stale import End, reap, take
from tuner.storage.tables import FIXED_PARAMS
from tuner.storage.tally import slowest_step, states
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.prescribed import TRIES, History, due, given_up
from tuner.study.samplers import make_sampler, trial_seed
from tuner.study.search_space import SearchSpace
from tuner.study.start import Given, baselines, start

_MAX_WAITING = 500
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


def fill_queue(
    study: WorkerStudy,
    space: SearchSpace,
    definition: StudyDefinition,
    budget: int,
    notice: Callable[[str], None] = lambda text: None,
    *,
    since: int = 0,
) -> int:
    """Queue trials until those finished, running and waiting make up the budget.

    First come the trials of `start`, all with the seed of the first one, so that seeds do not tell
    them apart; the grid sampler queues its baselines and the points of its grid. What has failed of
    these is queued again, a few times, and at other places (`tuner.study.prescribed`), which
    `notice` is told; failures of trials before number `since` do not count. No more than 500 wait
    at a time, as long queues are slow; whoever runs trials fills up again. Returns the budget, or
    less where the grid has fewer points.
    """
    reachable, notices = budget, list[str]()
    is_grid = definition.search.sampler == "grid"
    seed = {} if is_grid else attrs.SEED.to(trial_seed(definition.search.seed, 0))

    def plan(states: Mapping[TrialState, int], queued: Sequence[Queued]) -> list[FrozenTrial]:
        nonlocal reachable, notices
        counts = Counts.of(states)
        history = History(space, queued, counts.total, since)
        firsts = list(due(history, baselines(space) if is_grid else start(space)))
        points = _open_points(history) if is_grid else []
        there = counts.total - counts.failed
        if is_grid:
            reachable = min(budget, there + len(firsts) + len(points))
        missing = max(0, min(reachable - there, _MAX_WAITING - counts.waiting))
        begun = firsts[:missing]
        notices = [each.notice for each in begun if each.notice] + _left_out(history)
        queue = [_given(each.given, space, seed) for each in begun]
        rest = range(missing - len(begun))
        return queue + [_point(space, points) if points else _waiting({}, {}) for _ in rest]

    enqueue(study.store.database, study.id, plan)
    study.store.forget()
    for text in notices:
        notice(text)
    return reachable


def _open_points(history: History) -> list[tuple[int, dict[str, Scalar]]]:
    """The points of the grid that are still to be run, the next one last.

    The largest come first: so processes end together, and not one of them with a wide network. One
    that has failed often enough is left out.
    """
    left_out = given_up(history)
    taken = {each.point for each in history.queued if each.state != TrialState.FAIL} | left_out
    points = [(i, point) for i, point in enumerate(history.space.grid()) if i not in taken]
    return sorted(points, key=lambda each: (_size(each[1]), -each[0]))


def _left_out(history: History) -> list[str]:
    """What there is to say of the points of a grid that are not tried any more."""
    points = given_up(history)
    called = (
        f"{len(points)} points of the grid have" if len(points) > 1 else "a point of the grid has"
    )
    return [f"{called} failed {TRIES} times: left out"] if points else []


def _size(params: Mapping[str, Scalar]) -> int:
    """How large a network is, roughly: its whole numbers, such as width and depth, together."""
    counts = (value for name, value in params.items() if name != "batch_size")
    return sum(n for n in counts if isinstance(n, int) and not isinstance(n, bool))


def _given(given: Given, space: SearchSpace, more: Mapping[str, Any]) -> FrozenTrial:
    """A trial that waits with its params."""
    stored = attrs.ROLE.to(given.role) | attrs.BASELINE_PARAMS.to(given.named)
    return _waiting({**stored, **more}, space.contains(given.named))


def _point(space: SearchSpace, points: list[tuple[int, dict[str, Scalar]]]) -> FrozenTrial:
    """The next point of a grid, which is taken from `points`."""
    position, point = points.pop()
    return _waiting(attrs.GRID_POINT.to(position), space.contains(point))


def _waiting(stored: Mapping[str, Any], fixed: Mapping[str, Scalar]) -> FrozenTrial:
    system = {FIXED_PARAMS: dict(fixed)} if fixed else {}
    return create_trial(state=TrialState.WAITING, user_attrs=dict(stored), system_attrs=system)


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
