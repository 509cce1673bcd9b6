"""The trials of a study as a queue: fill it, claim from it, hand back, count."""

from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from tuner.schema import Scalar
from tuner.storage.enqueue import enqueue
from tuner.storage.optuna_objects import WorkerStudy, claimed
from tuner.storage.settings import HEARTBEAT
from tuner.storage.stale import reap
from tuner.storage.tables import FIXED_PARAMS
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.samplers import make_sampler, trial_seed
from tuner.study.search_space import BASELINES, SearchSpace
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


def fill_queue(
    study: WorkerStudy, space: SearchSpace, definition: StudyDefinition, budget: int
) -> int:
    """Queue trials until those finished, running and waiting make up the budget.

    First come the trials of `start`, all with the seed of the first one, so that seeds do not tell
    them apart; the grid sampler queues its baselines and the points of its grid. No more than 500
    wait at a time, as long queues are slow; whoever runs trials fills up again. Returns the budget,
    or less where the grid has fewer points.
    """
    reachable = budget

    def plan(
        states: Mapping[TrialState, int], known: Mapping[int, TrialState]
    ) -> list[FrozenTrial]:
        nonlocal reachable
        counts, number = Counts.of(states), sum(states.values())
        taken = {point for point, state in known.items() if state != TrialState.FAIL}
        points = _open_points(space, taken) if definition.search.sampler == "grid" else None
        queued = counts.finished + counts.waiting + counts.running
        if points is not None:
            baselines_left = max(0, len(BASELINES) - number)
            reachable = min(budget, queued + baselines_left + len(points))
        missing = max(0, min(reachable - queued, _MAX_WAITING - counts.waiting))
        if points is None:
            seed = trial_seed(definition.search.seed, 0)
            firsts = [_given(each, space, attrs.SEED.to(seed)) for each in start(space)]
        else:
            firsts = [_given(each, space, {}) for each in baselines(space)]
        begun = firsts[number : number + missing]
        rest = range(missing - len(begun))
        return [*begun, *(_point(space, points) if points else _waiting({}, {}) for _ in rest)]

    enqueue(study.store.database, study.id, plan)
    study.store.forget()
    return reachable


def _open_points(space: SearchSpace, taken: Container[int]) -> list[tuple[int, dict[str, Scalar]]]:
    """The points of the grid that are not taken, the next one last.

    The largest come first: so processes end together, and not one of them with a wide network.
    """
    points = [(i, point) for i, point in enumerate(space.grid()) if i not in taken]
    return sorted(points, key=lambda each: (_size(each[1]), -each[0]))


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
    known = []
    if definition.search.sampler == "grid":
        waiting = study.get_trials(deepcopy=False, states=(TrialState.WAITING,))
        numbers = [trial.number for trial in waiting if _is_known_point(trial, is_known)]
        known = [study.trial_id(number) for number in numbers]
    trial_id = study.store.claim(study.id, heartbeat, known)
    if trial_id is None:
        return None
    study.sampler = make_sampler(definition, study.store.get_trial(trial_id).number)
    return claimed(study, trial_id)


def _is_known_point(trial: FrozenTrial, is_known: Callable[[Mapping[str, Scalar]], bool]) -> bool:
    is_point = attrs.GRID_POINT.is_in(trial.user_attrs)
    return is_point and is_known(trial.system_attrs[FIXED_PARAMS])


def requeue_dead(study: WorkerStudy, *, blame: bool = True) -> int:
    """Hand back the running trials of workers that are gone; how many they were.

    A worker is gone that was a process of this host, or that has given no sign of life for long.
    Without `blame` that does not count as one of the three attempts of the trial.
    """
    reaped = reap(study.store.database, study.id, blame=blame)
    if reaped:
        study.store.forget()
    return len(reaped)


def count(study: optuna.Study) -> Counts:
    """How many trials are in which state."""
    return Counts.of(Counter(trial.state for trial in study.get_trials(deepcopy=False)))


def is_hopeless(counts: Counts, failed: int, budget: int) -> bool:
    """Whether to give up after `failed` failures: soon where nothing works, else after `budget`."""
    return failed >= (max(_GIVE_UP, budget) if counts.finished else min(_GIVE_UP, budget))
