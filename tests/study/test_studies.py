"""Definition + storage -> Optuna study: its identity, its queue, its samplers and pruners."""

import importlib.util
from dataclasses import dataclass

import optuna
import pytest
from optuna.trial import TrialState

from tuner.errors import StoreError, UsageError
from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace
from tuner.study.studies import (
    PRUNERS,
    SAMPLERS,
    check_names,
    definition_of,
    load_study,
    make_pruner,
    make_sampler,
    open_study,
    pruning_epochs,
    trial_seed,
)
from tuner.study.trial_queue import claim, count, fill_queue


@dataclass(frozen=True)
class Hyperparameter:
    axis: object
    when: tuple | None = None


DEFINITION = StudyDefinition.parse({"name": "mine", "metric": "accuracy"}, "test")
GRID = StudyDefinition.parse({"metric": "accuracy", "search": {"sampler": "grid"}}, "test")
SPACE = SearchSpace(
    axes={"width": (64, 256, 512)},
    variants=("none", "gaussian", "standard", "scheduled"),
    branches={
        "none": Branch(None, {}),
        "standard": Branch(SHARED_RATE, {}),
        "gaussian": Branch(SHARED_RATE, {}),
        "scheduled": Branch(SHARED_RATE, {"shape": Hyperparameter(("late", "early"))}),
    },
)
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


def changed(**table):
    base = {"name": "mine", "metric": "accuracy"}
    return StudyDefinition.parse(base | table, "test")


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


def test_every_other_variant_comes_once_after_the_baselines(study):
    fill_queue(study, SPACE, DEFINITION, 4)
    variants = [params["variant"] for params in run_all(study, SPACE, DEFINITION)]
    assert variants == ["none", "standard", "gaussian", "scheduled"]


def test_queued_trials_say_why_they_are_there(study):
    fill_queue(study, SPACE, DEFINITION, 6)
    roles = [trial.user_attrs.get("role") for trial in study.get_trials()]
    assert roles == ["baseline"] * 2 + ["first of its variant"] * 2 + [None] * 2


def test_the_only_variant_of_a_space_has_a_first_trial_too(study):
    space = SearchSpace(SPACE.axes, ("gaussian",), SPACE.branches)
    fill_queue(study, space, DEFINITION, 4)
    roles = [trial.user_attrs.get("role") for trial in study.get_trials()]
    assert roles == ["baseline", "baseline", "first of its variant", None]
    assert run_all(study, space, DEFINITION)[2]["variant"] == "gaussian"


def test_baseline_outside_the_space_runs_all_the_same(study):
    space = SearchSpace(SPACE.axes, ("gaussian",), SPACE.branches)
    fill_queue(study, space, DEFINITION, 3)
    variants = [params["variant"] for params in run_all(study, space, DEFINITION)]
    assert variants == ["none", "standard", "gaussian"]


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


def test_trial_seeds_are_distinct():
    seeds = [trial_seed(s, n, r) for s in range(5) for n in range(20) for r in range(-1, 4)]
    assert len(set(seeds)) == 5 * 20 * 5
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_trial_seeds_are_stable():
    seeds = trial_seed(0, 0), trial_seed(0, 1), trial_seed(7, 1, 2)
    assert seeds == (3831201730, 901243215, 1916955614)


def test_new_study_remembers_its_definition_and_its_data(study):
    assert definition_of(study) == DEFINITION
    assert study.user_attrs["data"] == "abc"
    assert study.metric_names == ["accuracy"]


@pytest.mark.parametrize(
    ("metric", "direction"), [("accuracy", "MAXIMIZE"), ("nll", "MINIMIZE"), ("mae", "MINIMIZE")]
)
def test_direction_of_a_study_follows_from_its_metric(storage, metric, direction):
    assert open_study(changed(metric=metric), "abc", storage).direction.name == direction


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"search": {"trials": 7}},
        {"compare": {"seeds": 3}},
        {"data": "moved/elsewhere.csv"},
    ],
    ids=str,
)
def test_study_is_continued_with_another_budget_or_place_of_its_data(study, storage, table):
    fill_queue(study, SPACE, DEFINITION, 3)
    again = open_study(changed(**table), "abc", storage)
    assert len(again.get_trials()) == 3


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"training": {"epochs": 3}}, "training.epochs was 20, now 3"),
        ({"training": {"train_size": 99}}, "training.train_size was unset, now 99"),
        ({"search": {"seed": 1}}, "search.seed was 0, now 1"),
        ({"search": {"sampler": "random"}}, "search.sampler was tpe, now random"),
        ({"model": "cnn"}, "model was mlp, now cnn"),
        ({"metric": "nll"}, "metric was accuracy, now nll"),
        ({"space": {"depth": 3}}, "space.depth was unset, now 3"),
        ({"space": {"gaussian": {"rate": 0.5}}}, "space.gaussian.rate was unset, now 0.5"),
    ],
    ids=str,
)
def test_study_of_another_definition_is_refused_by_its_key(study, storage, table, words):
    with pytest.raises(StoreError, match=f"'mine' exists .+{words}.+give --name"):
        open_study(changed(**table), "abc", storage)


def test_study_of_other_data_is_refused(study, storage):
    with pytest.raises(StoreError, match="the data are others"):
        open_study(DEFINITION, "other", storage)


def test_unknown_study_names_those_there_are(study, storage):
    with pytest.raises(UsageError, match=r"study 'mien'; did you mean 'mine'\? \(valid: mine\)"):
        load_study("mien", storage)


def test_study_of_another_program_is_refused():
    with pytest.raises(StoreError, match="was not created by tuner"):
        definition_of(optuna.create_study())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"data": "digit"}, "data set 'digit'; did you mean 'digits'"),
        ({"model": "mpl"}, "model 'mpl'; did you mean 'mlp'"),
        ({"search": {"sampler": "tpee"}}, "sampler 'tpee'; did you mean 'tpe'"),
        ({"search": {"sampler": "cmaes"}}, "unknown sampler 'cmaes'"),
        ({"search": {"pruner": "hyper"}}, "pruner 'hyper'; did you mean 'hyperband'"),
        ({"space": {"variant": ["none", "gausian"]}}, "'gausian'; did you mean 'gaussian'"),
        ({"space": {"gausian": {"rate": 0.5}}}, "variant 'gausian'; did you mean 'gaussian'"),
    ],
    ids=str,
)
def test_name_that_is_in_no_table_is_refused(table, words):
    with pytest.raises(UsageError, match=words):
        check_names(changed(**table))


@pytest.mark.parametrize(
    "table",
    [{}, {"data": "x.csv"}, {"data": "m:load"}, {"model": "best.keras"}, {"model": "m:build"}],
    ids=str,
)
def test_names_files_and_functions_pass_the_check(table):
    check_names(changed(**table))


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is installed")
def test_gp_sampler_asks_for_torch():
    with pytest.raises(UsageError, match="sampler 'gp' needs torch"):
        check_names(changed(search={"sampler": "gp"}))


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "gp"])
def test_sampler_can_be_made_and_proposes(name, study):
    definition = changed(search={"sampler": name})
    study.sampler = make_sampler(definition, 3)
    assert set(SPACE.suggest(study.ask())) >= {"variant", "rate", "width"}


@pytest.mark.parametrize("name", ["tpe", "random"])
def test_sampler_of_a_trial_proposes_the_same_again(name):
    definition = changed(search={"sampler": name})
    proposed = []
    for number in (3, 3, 4):
        trial = optuna.create_study(sampler=make_sampler(definition, number)).ask()
        proposed.append([trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)])
    assert proposed[0] == proposed[1]
    assert proposed[0] != proposed[2]


@pytest.mark.parametrize("epochs", [1, 20])
@pytest.mark.parametrize("name", PRUNERS)
def test_pruner_can_be_made_and_judges(name, epochs, study):
    study.pruner = make_pruner(changed(search={"pruner": name}, training={"epochs": epochs}))
    trial = study.ask()
    trial.report(0.5, 1)
    assert trial.should_prune() in (False, True)


@pytest.mark.parametrize("epochs", [1, 3, 4, 10, 20, 37])
@pytest.mark.parametrize("pruner", ["successive_halving", "median"])
def test_pruners_decide_only_where_they_are_asked(pruner, epochs):
    table = {"training": {"epochs": epochs}, "search": {"pruner": pruner}}
    definition = StudyDefinition.parse(table, "test")
    asked = pruning_epochs(definition)

    def verdicts(epochs_asked):
        study = optuna.create_study(pruner=make_pruner(definition), direction="maximize")
        found = []
        for number in range(12):
            trial = study.ask()
            for epoch in range(1, epochs + 1):
                trial.report(((number * 7) % 12) / 12 + epoch / 100, epoch)
                if epoch in epochs_asked and trial.should_prune():
                    found.append((number, epoch))
                    break
            study.tell(trial, 0.0)
        return found

    everywhere = verdicts(range(1, epochs + 1))
    assert everywhere
    assert verdicts(asked) == everywhere
