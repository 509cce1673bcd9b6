"""Stores that cannot be opened, and what is said then."""

import optuna
import pytest
from optuna.trial import TrialState

from tuner.errors import StoreError
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue


def says(words, url, **given):
    with pytest.raises(StoreError, match=words) as caught:
        open_storage(url, **given)
    assert caught.value.exit_code == 3
    assert "\n" not in str(caught.value)
    assert "p{@" not in str(caught.value)
    assert "p%7B" not in str(caught.value)
    return str(caught.value)


def made(path):
    study = optuna.create_study(
        storage=open_storage(f"sqlite:///{path}", create=True), study_name="s"
    )
    enqueue(
        study._storage.database,
        study._study_id,
        lambda *_: [optuna.trial.create_trial(state=TrialState.WAITING)] * 3,
    )
    return study._storage
