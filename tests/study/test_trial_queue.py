"""The queue of a study: what is put there, in which order it is claimed."""

import pytest
from _spaces import DEFINITION, SPACE
from optuna.trial import TrialState

from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.samplers import trial_seed
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace
from tuner.study.studies import open_study
from tuner.study.trial_queue import claim, count

GRID = StudyDefinition.parse({"metric": "accuracy", "search": {"sampler": "grid"}}, "test")

LISTS = SearchSpace(
    axes={"width": (64, 256)},
    variants=("none", "standard"),
    branches={"none": Branch(None, {}), "standard": Branch((0.1, 0.2), {})},
    rate=(0.1, 0.2),
)


@pytest.fixture
def storage(tmp_path, new_store):
    return open_storage(new_store(tmp_path / "store.db"))


@pytest.fixture
def study(storage):
    return open_study(DEFINITION, "abc", storage)


def run_next(study, space, definition, state=TrialState.COMPLETE):
    trial = claim(study, definition)
    params = space.suggest(trial)
    study.tell(trial, 0.5 if state == TrialState.COMPLETE else None, state=state)
    return params


def run_all(study, space, definition):
    found = []
    while count(study).waiting:
        found.append(run_next(study, space, definition))
    return found


def test_first_trials_are_the_baselines_in_the_middle_of_the_space(study):
    fill_queue(study, SPACE, DEFINITION, 2)
    assert run_all(study, SPACE, DEFINITION) == [
        {"variant": "none", "rate": 0.0, "width": 256},
        {"variant": "standard", "rate": 0.5, "width": 256},
    ]


def test_no_dropout_at_every_width_then_every_other_variant_where_the_baselines_are(study):
    fill_queue(study, SPACE, DEFINITION, 6)
    found = [(each["variant"], each["width"]) for each in run_all(study, SPACE, DEFINITION)]
    assert found[:2] == [("none", 256), ("standard", 256)]
    assert found[2:] == [("none", 64), ("none", 512), ("gaussian", 256), ("scheduled", 256)]


def test_queued_trials_say_why_they_are_there(study):
    fill_queue(study, SPACE, DEFINITION, 8)
    roles = [trial.user_attrs.get("role") for trial in study.get_trials()]
    assert roles == ["baseline"] * 4 + ["first of its variant"] * 2 + [None] * 2


def test_the_first_trials_have_one_seed_in_common(study):
    fill_queue(study, SPACE, DEFINITION, 8)
    seeds = [trial.user_attrs.get("seed") for trial in study.get_trials()]
    assert seeds == [trial_seed(0, 0)] * 6 + [None] * 2


def test_the_only_variant_of_a_space_has_a_first_trial_too(study):
    space = SearchSpace(SPACE.axes, ("gaussian",), SPACE.branches)
    fill_queue(study, space, DEFINITION, 6)
    roles = [trial.user_attrs.get("role") for trial in study.get_trials()]
    assert roles == ["baseline"] * 4 + ["first of its variant", None]
    assert run_all(study, space, DEFINITION)[4]["variant"] == "gaussian"


def test_baseline_outside_the_space_runs_all_the_same(study):
    space = SearchSpace(SPACE.axes, ("gaussian",), SPACE.branches)
    fill_queue(study, space, DEFINITION, 5)
    variants = [params["variant"] for params in run_all(study, space, DEFINITION)]
    assert variants == ["none", "standard", "none", "none", "gaussian"]


def test_baseline_rate_between_the_steps_of_a_range_runs_without_a_warning(study):
    axis = SHARED_RATE.model_copy(update={"high": 0.9, "step": 0.3})
    branches = {"none": Branch(None, {}), "standard": Branch(axis, {})}
    space = SearchSpace({}, ("none", "standard"), branches, axis)
    fill_queue(study, space, DEFINITION, 2)
    assert run_all(study, space, DEFINITION)[1] == {"variant": "standard", "rate": 0.5}


@pytest.mark.parametrize("budget", [1, 2, 10])
def test_queue_is_filled_up_to_the_budget_and_no_further(study, budget):
    for _ in range(2):
        assert fill_queue(study, SPACE, DEFINITION, budget) == budget
    assert len(study.get_trials()) == budget


@pytest.mark.parametrize("state", ["COMPLETE", "PRUNED", "WAITING", "RUNNING"])
def test_trials_of_the_budget_are_not_queued_again(study, state):
    fill_queue(study, SPACE, DEFINITION, 3)
    if state != "WAITING":
        trial = claim(study, DEFINITION)
        if state != "RUNNING":
            value = 0.5 if state == "COMPLETE" else None
            study.tell(trial, value, state=TrialState[state])
    fill_queue(study, SPACE, DEFINITION, 3)
    assert len(study.get_trials()) == 3


def test_failed_trial_is_replaced(study):
    fill_queue(study, SPACE, DEFINITION, 3)
    run_next(study, SPACE, DEFINITION, TrialState.FAIL)
    fill_queue(study, SPACE, DEFINITION, 3)
    assert count(study).waiting == 3


def test_larger_budget_extends_the_queue(study):
    fill_queue(study, SPACE, DEFINITION, 2)
    fill_queue(study, SPACE, DEFINITION, 5)
    assert count(study).waiting == 5


def points_of(study):
    """The points of the grid among complete trials, the baselines left out."""
    complete = study.get_trials(states=(TrialState.COMPLETE,))
    named = [trial.params for trial in complete if "role" not in trial.user_attrs]
    return sorted((p["variant"], p.get("rate", 0.0), p["width"]) for p in named)


ALL_POINTS = sorted(
    (variant, rate, width)
    for variant, rates in (("none", (0.0,)), ("standard", (0.1, 0.2)))
    for rate in rates
    for width in (64, 256)
)


def test_grid_runs_every_point_once_after_the_baselines(study):
    assert fill_queue(study, LISTS, GRID, 50) == 2 + len(ALL_POINTS)
    run_all(study, LISTS, GRID)
    assert points_of(study) == ALL_POINTS


def test_grid_begins_with_the_largest_and_a_worker_prefers_what_it_knows(study):
    fill_queue(study, LISTS, GRID, 50)
    numbers = [claim(study, GRID).number for _ in range(2)]
    assert numbers == [0, 1]

    def width(is_known):
        trial = claim(study, GRID, is_known)
        return trial.storage.get_trial(trial._trial_id).system_attrs["fixed_params"]["width"]

    assert width(lambda params: params["width"] == 64) == 64
    assert [width(lambda params: False) for _ in range(3)] == [256] * 3
    assert width(lambda params: params["width"] == 256) == 64


def test_grid_keeps_to_a_smaller_budget(study):
    assert fill_queue(study, LISTS, GRID, 4) == 4
    assert count(study).waiting == 4


def test_grid_runs_a_failed_point_again(study):
    fill_queue(study, LISTS, GRID, 50)
    for _ in range(3):
        run_next(study, LISTS, GRID)
    run_next(study, LISTS, GRID, TrialState.FAIL)
    fill_queue(study, LISTS, GRID, 50)
    run_all(study, LISTS, GRID)
    assert points_of(study) == ALL_POINTS


def test_trials_are_claimed_in_the_order_of_the_queue(study):
    fill_queue(study, SPACE, DEFINITION, 3)
    assert [claim(study, DEFINITION).number for _ in range(3)] == [0, 1, 2]
    assert claim(study, DEFINITION) is None


def test_released_trial_is_claimed_again_with_its_params(study):
    fill_queue(study, SPACE, DEFINITION, 5)
    for _ in range(4):
        run_next(study, SPACE, DEFINITION)
    before = SPACE.suggest(claim(study, DEFINITION))
    study.store.release()
    again = claim(study, DEFINITION)
    assert (again.number, SPACE.suggest(again)) == (4, before)
