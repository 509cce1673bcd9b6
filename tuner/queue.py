"""The trials of a study as a queue: fill it, claim from it, hand back, count."""

import os
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.trial import Trial, TrialState, create_trial

from tuner.definition import StudyDefinition
from tuner.search_space import BASELINE_VARIANTS, BASELINES, SearchSpace
from tuner.space import Scalar
from tuner.study import make_sampler


@dataclass(frozen=True)
class Counts:
    """Trials by state; `finished` ones are complete or pruned."""

    complete: int = 0
    pruned: int = 0
    failed: int = 0
    waiting: int = 0
    running: int = 0

    @property
    def finished(self) -> int:
        """How much of the budget is spent."""
        return self.complete + self.pruned


def fill_queue(
    study: optuna.Study, space: SearchSpace, definition: StudyDefinition, budget: int
) -> int:
    """Queue trials until those finished, running and waiting make up the budget.

    The first two are the baselines, then every other variant comes once; the grid sampler queues
    the points of its grid. Returns the budget, or less where the grid has fewer points.
    """
    counts = count(study)
    number = sum(vars(counts).values())
    points = _open_points(study, space) if definition.search.sampler == "grid" else None
    if points is not None:
        queued = counts.finished + counts.waiting + counts.running
        baselines_left = max(0, len(BASELINES) - number)
        budget = min(budget, queued + baselines_left + len(points))
    for _ in range(budget - counts.finished - counts.waiting - counts.running):
        study.add_trial(_waiting(space, number, points))
        number += 1
    return budget


def _open_points(study: optuna.Study, space: SearchSpace) -> list[tuple[int, dict[str, Scalar]]]:
    """The points of the grid that no trial has tried or holds, the next one last.

    The largest come first: so processes end together, and not one of them with a wide network.
    """
    trials = study.get_trials(deepcopy=False)
    taken = {t.user_attrs.get("point") for t in trials if t.state != TrialState.FAIL}
    points = [(i, point) for i, point in enumerate(space.grid()) if i not in taken]
    return sorted(points, key=lambda each: (_size(each[1]), -each[0]))


def _size(params: Mapping[str, Scalar]) -> int:
    """How large a network is, roughly: its whole numbers, such as width and depth, together."""
    counts = (value for name, value in params.items() if name != "batch_size")
    return sum(n for n in counts if isinstance(n, int) and not isinstance(n, bool))


def _waiting(
    space: SearchSpace, number: int, points: list[tuple[int, dict[str, Scalar]]] | None
) -> optuna.trial.FrozenTrial:
    """Trial `number` of a study: a baseline, the first of a variant, a grid point, or open."""
    attrs: dict[str, Any] = {}
    fixed: dict[str, Any] = {}
    firsts = [name for name in space.variants if name not in BASELINE_VARIANTS]
    index = number - len(BASELINES)
    if index < 0:
        baseline = space.baseline(number)
        attrs = {"role": "baseline", "fixed": baseline}
        fixed = space.contains(baseline)
    elif points is not None:
        position, point = points.pop()
        attrs = {"point": position}
        fixed = space.contains(point)
    elif index < len(firsts):
        attrs = {"role": "first of its variant"}
        fixed = {"variant": firsts[index]} if len(space.variants) > 1 else {}
    system = {"fixed_params": fixed} if fixed else {}
    return create_trial(state=TrialState.WAITING, user_attrs=attrs, system_attrs=system)


def claim(
    study: optuna.Study,
    definition: StudyDefinition,
    is_known: Callable[[Mapping[str, Scalar]], bool] = lambda params: False,
) -> Trial | None:
    """Take the next waiting trial, or None; of several workers exactly one gets it.

    Of the points of a grid, whose order is of no matter, those come first whose params are known.
    """
    storage = study._storage
    study_id = storage.get_study_id_from_name(study.study_name)
    waiting = storage.get_all_trials(study_id, deepcopy=False, states=(TrialState.WAITING,))
    for frozen in sorted(waiting, key=lambda trial: not _is_known_point(trial, is_known)):
        trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, frozen.number)
        try:
            if not storage.set_trial_state_values(trial_id, state=TrialState.RUNNING):
                continue
        except optuna.exceptions.UpdateFinishedTrialError:
            continue
        study.sampler = make_sampler(definition, frozen.number)
        return Trial(study, trial_id)
    return None


def _is_known_point(
    trial: optuna.trial.FrozenTrial, is_known: Callable[[Mapping[str, Scalar]], bool]
) -> bool:
    return "point" in trial.user_attrs and is_known(trial.system_attrs["fixed_params"])


def release(study: optuna.Study, number: int) -> None:
    """Hand a running trial back to the queue, with its number, params and reports."""
    storage = study._storage
    study_id = storage.get_study_id_from_name(study.study_name)
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, number)
    storage.set_trial_state_values(trial_id, state=TrialState.WAITING)


def requeue_dead(study: optuna.Study) -> int:
    """Hand back the running trials of processes of this host that are gone; how many they were."""
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    dead = [t for t in running if _is_dead(str(t.user_attrs.get("worker", "")))]
    for trial in dead:
        release(study, trial.number)
    return len(dead)


def count(study: optuna.Study) -> Counts:
    """How many trials are in which state."""
    states = Counter(trial.state for trial in study.get_trials(deepcopy=False))
    return Counts(
        complete=states[TrialState.COMPLETE],
        pruned=states[TrialState.PRUNED],
        failed=states[TrialState.FAIL],
        waiting=states[TrialState.WAITING],
        running=states[TrialState.RUNNING],
    )


def _is_dead(worker: str) -> bool:
    """Whether a worker `host:pid` was a process of this host that is gone."""
    host, _, pid = worker.rpartition(":")
    if host != socket.gethostname() or int(pid) == os.getpid():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
