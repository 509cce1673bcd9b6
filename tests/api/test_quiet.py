"""What a call in somebody's own process leaves as it was."""

import warnings

import optuna
import pytest

from tuner.api.quiet import quietly
from tuner.errors import UsageError


def test_warnings_and_logs_are_as_they_were_afterwards():
    optuna.logging.set_verbosity(optuna.logging.INFO)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        with quietly():
            warnings.warn("nothing", stacklevel=1)
            assert optuna.logging.get_verbosity() == optuna.logging.ERROR
        assert list(warnings.filters) == before
    assert optuna.logging.get_verbosity() == optuna.logging.INFO


def test_another_backend_of_keras_is_named(monkeypatch):
    import keras

    with quietly():
        pass
    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    with pytest.raises(UsageError, match="keras runs on jax"), quietly():
        pass
