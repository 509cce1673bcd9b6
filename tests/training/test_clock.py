"""The clock: seconds by what they are spent on."""

import optuna
import pytest

from tuner.storage.connect import open_storage
from tuner.training.clock import Clock


@pytest.fixture
def url(tmp_path, new_store):
    return new_store(tmp_path / "store.db")


def other(url):
    """The same study as another process sees it."""
    return optuna.load_study(study_name="s", storage=open_storage(url))


def test_time_inside_a_nested_block_counts_for_that_block_only(monkeypatch):
    now = iter([0.0, 1.0, 3.0, 6.0, 10.0])
    monkeypatch.setattr("tuner.training.clock.time.perf_counter", lambda: next(now))
    clock = Clock()
    with clock.spend("train"), clock.spend("store"):
        pass
    assert clock.seconds == {"other": 1.0, "train": 2.0 + 4.0, "store": 3.0}
