"""A trial is given up where trials like it would end below the third best."""

import numpy as np
import optuna
import pytest

from tuner.study import attrs
from tuner.study.curves import pruner
from tuner.study.curves.pruner import CurvesPruner


def values(final, rate, n=20):
    """High rates learn slowly, and end as well."""
    late = np.exp(-np.arange(1, n + 1) / (1 + 30 * rate**2))
    return final - 0.8 * (late - late[-1])


@pytest.fixture
def study():
    found = optuna.create_study(direction="maximize")
    generator = np.random.default_rng(0)
    for _ in range(20):
        rate, final = generator.uniform(0.1, 0.8), generator.normal(0.9, 0.02)
        trial = report(found, rate, values(final, rate))
        found.tell(trial, final)
    return found


def report(study, rate, reported, *, variant="standard"):
    trial = study.ask()
    attrs.PARAMS.set(trial, {"variant": variant, "rate": float(rate), "width": 64})
    for epoch, value in enumerate(reported, start=1):
        trial.report(float(value), epoch)
    return trial


def judged(study, rate, final, epoch=5, sign=1.0):
    trial = report(study, rate, sign * values(final, rate)[:epoch])
    return CurvesPruner().prune(study, study.trials[trial.number])


@pytest.mark.parametrize("rate", [0.2, 0.7])
def test_a_slow_learner_is_judged_by_slow_learners(study, rate):
    assert not judged(study, rate, 0.94)
    assert judged(study, rate, 0.70)


def test_a_slow_learner_would_be_lost_among_fast_ones(study):
    """The control: at that epoch the good slow one is below the bad fast one."""
    assert values(0.94, 0.7)[4] < values(0.70, 0.2)[4]


def test_nothing_is_judged_while_few_are_complete():
    study = optuna.create_study(direction="maximize")
    for rate in (0.1, 0.3, 0.5, 0.7):
        study.tell(report(study, rate, values(0.9, rate)), 0.9)
    assert not judged(study, 0.3, 0.2)


def test_losses_are_judged_the_other_way_round():
    study = optuna.create_study(direction="minimize")
    for rate in np.linspace(0.1, 0.8, 10):
        study.tell(report(study, rate, -values(0.9, rate)), -0.9)
    assert judged(study, 0.3, 0.5, sign=-1.0)
    assert not judged(study, 0.3, 0.95, sign=-1.0)


def test_of_many_trials_the_third_best_of_all_counts(study, monkeypatch):
    before = [judged(study, 0.3, final) for final in (0.85, 0.95)]
    monkeypatch.setattr(pruner, "_MOST", 10)
    assert [judged(study, 0.3, final) for final in (0.85, 0.95)] == before == [True, False]
