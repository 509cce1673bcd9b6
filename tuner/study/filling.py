"""Which trials are put into the queue of a study."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState, create_trial

from tuner.schema import Scalar
from tuner.storage.enqueue import Queued, enqueue
from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.tables import FIXED_PARAMS
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.prescribed import TRIES, History, due, given_up
from tuner.study.samplers import trial_seed
from tuner.study.search_space import SearchSpace
from tuner.study.start import Given, baselines, start
from tuner.study.trial_queue import Counts

_MAX_WAITING = 500


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
