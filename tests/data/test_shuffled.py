"""Data sets that come in another order in each process: the same rows stay the same data."""

import pytest
from _streams import definition

from tuner.data.loading import open_dataset, open_sealed

LOADER = """
import numpy as np
import tensorflow as tf

X = np.arange(120.0).reshape(40, 3)
Y = np.arange(40) % 2


def rows(order, shuffled=True, changed=False):
    y = np.where(X[:, 0] == 0, 1, Y) if changed else Y
    found = tf.data.Dataset.from_tensor_slices(({"x": X[order]}, y[order]))
    return (found.shuffle(40) if shuffled else found).batch(8).prefetch(1)


def alone():
    return rows(np.random.permutation(40))


def changed():
    return rows(np.arange(40), changed=True)


def in_order():
    return rows(np.arange(40), shuffled=False)


def reversed():
    return rows(np.arange(40)[::-1], shuffled=False)


def parts():
    held = rows(np.arange(40))
    return {"train": alone(), "validation": held, "test": held}


def other_parts():
    return parts() | {"train": changed()}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shuffled_data.py").write_text(LOADER)


def settings(function):
    return definition(function, data=f"shuffled_data:{function}", model="my:net").data_settings


@pytest.mark.usefixtures("place")
def test_rows_that_come_shuffled_are_split_alike_each_time():
    first, again = (open_sealed(settings("alone")) for _ in range(2))
    for one, other in zip(
        *((d.train_validation.train, d.test) for d in (first, again)), strict=True
    ):
        assert one.x["x"].tolist() == other.x["x"].tolist()
        assert one.y.tolist() == other.y.tolist()
    assert first.fingerprint == again.fingerprint


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("function", "other", "is_same"),
    [
        ("alone", "alone", True),
        ("alone", "changed", False),
        ("in_order", "reversed", False),
        ("parts", "parts", True),
        ("parts", "other_parts", False),
    ],
)
def test_only_other_rows_are_other_data_where_they_come_shuffled(function, other, is_same):
    one, another = (open_dataset(settings(each)).fingerprint for each in (function, other))
    assert (one == another) is is_same
