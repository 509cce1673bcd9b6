"""What is told of a study costs no more where it has thousands of trials."""

import sys

import pytest
from simulated.stored import make_study
from speed import process

from tuner.study.studies import load_study


@pytest.mark.slow
def test_status_of_thousands_of_trials_needs_hardly_more_memory(tmp_path):
    few, many = (megabytes(n, tmp_path) for n in (30, 3000))
    assert 30 < few < 200
    assert many < few + 10


def megabytes(n, place):
    """The most memory of `tuner status` on a search of `n` trials that goes on."""
    url = f"sqlite:///{place}/{n}.db"
    store = make_study(url, n, 15)
    load_study("simulated", store).enqueue_trial({})
    store.database.engine.dispose()
    command = [sys.executable, "-m", "tuner", "status", "simulated", "--storage", url]
    return process.used(command, place)[1]
