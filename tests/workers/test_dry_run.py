"""A dry run: what would run, and for how long at most."""

from dataclasses import replace

import pytest

from tuner.errors import TunerError
from tuner.study.study_file import override
from tuner.workers.dry_run import measure


def test_the_seconds_are_those_of_every_trial_and_every_structure(tiny):
    found = measure(override(tiny, {"space.variant": ["none", "standard"], "search.trials": 50}))
    assert found.trial_seconds > 0
    assert found.resolved.space.n_structures() == 4
    made_up = replace(found, first_seconds=10.0, trial_seconds=1.0)
    assert made_up.seconds == 50 * 1.0 + 4 * 10.0
    rows = dict(made_up.rows())
    assert rows["variants"] == "none, standard"
    assert rows["at most"] == "90 s"


def test_fewer_trials_than_structures_compile_as_many(tiny):
    found = measure(override(tiny, {"space.variant": ["none", "standard"], "search.trials": 2}))
    made_up = replace(found, first_seconds=10.0, trial_seconds=1.0)
    assert made_up.seconds == pytest.approx(2 * 1.0 + 2 * 10.0)


def test_folds_are_as_many_trainings(tiny, monkeypatch):
    now = iter([0.0, 3.0, 10.0, 12.0])  # the first training 3 s, the second 2 s
    monkeypatch.setattr("tuner.workers.dry_run.time.monotonic", lambda: next(now))
    found = measure(override(tiny, {"space.variant": ["none"], "search.folds": 5}))
    assert found.trial_seconds == pytest.approx(5 * 2.0 / 2 * 3)  # of two epochs, for three
    assert dict(found.rows())["split"] == (
        "5 folds of 192 training rows, 240 judged, the test part sealed"
    )


def test_a_training_that_diverges_is_what_the_search_would_meet(tiny):
    with pytest.raises(TunerError, match="trial 1 would fail: train_loss became"):
        measure(override(tiny, {"space.learning_rate": 1e30, "training.optimizer": "sgd"}))
