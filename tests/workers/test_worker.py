"""What a worker does where its store, or its signs of life, fail."""

import multiprocessing
import threading
from dataclasses import replace

import pytest

from tuner.data.loading import open_dataset
from tuner.errors import StoreError
from tuner.storage import transactions
from tuner.study.submission import Submission
from tuner.workers.channel import Channel
from tuner.workers.messages import Epoch, Go, SearchRequest, Work
from tuner.workers.resolve import resolve
from tuner.workers.worker import _work


@pytest.fixture
def task(tmp_path, tiny):
    """The work of a search whose six trials wait in the store."""
    dataset = open_dataset(tiny.data_settings)
    given = dataset.train_validation
    resolved = resolve(tiny, given)
    url = f"sqlite:///{tmp_path}/store.db"
    Submission(url, resolved.definition, resolved.space, given, dataset.fingerprint).fill()
    return Work(SearchRequest(tiny, url, tmp_path), given, dataset.fingerprint)


@pytest.fixture
def line():
    """The leader's end of a channel whose worker may go, and the worker's."""
    ours, theirs = multiprocessing.Pipe()
    ours.send(Go())
    yield ours, Channel(theirs)
    ours.close()


def at_first_epoch(line, act):
    def listen():
        while not isinstance(line.recv(), Epoch):
            pass
        act()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    return thread


def test_a_store_that_fails_is_not_asked_for_the_best_model(task, line, tmp_path):
    ours, channel = line
    thread = at_first_epoch(ours, (tmp_path / "store.db").unlink)
    with pytest.raises(StoreError, match="deleted or replaced") as raised:
        _work(task, channel)
    thread.join(10)
    assert raised.value.__context__ is None
    assert not (tmp_path / "best.keras").exists()


@pytest.mark.timeout(120)  # it would go on for ever
def test_a_worker_that_cannot_give_signs_of_life_ends(task, line, monkeypatch):
    def fail(*_given):
        raise TypeError("no pulse")

    monkeypatch.setattr(transactions, "beat", fail)
    request = replace(task.request, heartbeat=0.001)
    with pytest.raises(TypeError, match="no pulse"):
        _work(replace(task, request=request), line[1])
