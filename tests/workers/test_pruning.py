"""When a trial is given up, and when it is not judged yet."""

import optuna
import pytest
from _searches import run

from tuner.study import attrs
from tuner.workers.pruning import PruningRule


@pytest.mark.slow
def test_a_schedule_is_not_judged_before_its_cutoff(place, tiny):
    flags = {"space__variant": ["scheduled"], "training__epochs": 10, "search__trials": 20}
    late = {"shape": "late", "cutoff": 0.5, "rate": {"low": 0.0, "high": 0.8}}
    results, _ = run(place, tiny, space__scheduled=late, **flags)
    pruned = [t.n_epochs for t in results.trials if t.state == "PRUNED"]
    assert pruned
    assert min(pruned) >= 5


@pytest.mark.parametrize(
    ("variant", "role", "is_given_up"),
    [("standard", None, True), ("none", None, False), ("standard", attrs.FIRST, False)],
)
def test_trials_without_dropout_and_those_with_a_role_are_never_given_up(
    variant, role, is_given_up
):
    study = optuna.create_study(pruner=optuna.pruners.ThresholdPruner(lower=0.5))
    trial = study.ask()
    attrs.PARAMS.set(trial, {"variant": variant})
    if role is not None:
        attrs.ROLE.set(trial, role)
    trial.report(0.1, 5)
    assert PruningRule(10, range(10)).gives_up(trial, 5, 0.0) == is_given_up
