"""What the model learns of the trials that a study has."""

from collections import Counter

import numpy as np
import pytest
from _made_studies import study, trial
from _read_trials import read
from optuna.trial import TrialState

from tuner.study import reading
from tuner.study.curves.trials import tried


@pytest.fixture(scope="module")
def results():
    return reading.read(study(*(trial(number) for number in range(40))))


def test_complete_trials_count_as_they_are_and_pruned_ones_as_they_would_have_ended(results):
    found = tried(results)
    states = [row.state for row in results.trials]
    complete, pruned = states.count("COMPLETE"), states.count("PRUNED")
    assert pruned > 0
    assert len(found.params) == len(found.values) == len(found.extra) == complete + pruned
    assert np.all(found.extra[:complete] == 0)
    assert np.all(found.extra[complete:] > 0)


def test_what_a_pruned_trial_would_have_had_is_above_what_it_had(results):
    found = tried(results)
    last = [row.last_value for row in results.trials if row.state == "PRUNED"]
    assert np.all(found.values[-len(last) :] > last)
    assert np.median(found.values[-len(last) :]) == pytest.approx(0.93, abs=0.05)


def test_failed_trials_count_as_the_worst_that_is_complete(results):
    failed = reading.read(study(trial(0), trial(96), trial(1)))
    assert [row.state for row in failed.trials] == ["COMPLETE", "FAIL", "COMPLETE"]
    values = [row.value for row in failed.trials if row.value is not None]
    assert tried(failed).values.tolist() == [*values, min(values)]


def test_no_trial_is_nothing():
    from _read_trials import trial as made

    assert tried(read(made("standard", state=TrialState.PRUNED, last=0.5))) is None


def test_of_an_accuracy_the_noise_is_a_part_of_what_is_binomial(results):
    found = tried(results)
    middle = np.median(found.values)
    expected = 0.5 * middle * (1 - middle) / 288 / found.transform.scale**2
    assert found.noise.median == pytest.approx(expected, rel=0.1)
    others = reading.read(study(*(trial(i, "rmse") for i in range(8)), metric="rmse"))
    assert tried(others).noise.median == pytest.approx(0.2)


def test_of_many_trials_a_part_of_every_variant_is_learned_from_and_the_best_are_named():
    many = [trial(number) for number in range(2400)]
    rare = trial(2400, extra={"variant": "alpha"}.items())
    found = reading.read(study(*many, rare))
    kept = tried(found)
    variants = Counter(each["variant"] for each in kept.params)
    assert 1900 < len(kept.params) <= 2000
    assert variants["alpha"] == 1
    assert variants["none"] == 500
    assert variants["standard"] == pytest.approx(variants["gaussian"], abs=20)
    assert found.best.params in kept.best
    assert len(kept.best) < 0.1 * len(kept.params) + 1
