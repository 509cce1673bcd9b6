"""Rows by batches, in an order that follows from the seed."""

import numpy as np
import pytest
from _streams import LOADER, definition

from tuner.data.loading import open_dataset
from tuner.training.batches import Stream


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stream_data.py").write_text(LOADER)
    return tmp_path


def rows_of(function):
    return open_dataset(definition(function).data_settings).train_validation.train


def test_every_epoch_has_its_own_order(place):
    stream = Stream.of(rows_of("parts"))
    first, again, second = (
        np.concatenate([x.numpy() for x, *_ in stream.shuffled(50, np.random.default_rng(seed))])
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, second)
    assert np.array_equal(np.sort(first, axis=0), np.sort(second, axis=0))
