"""Which rows of the data a model takes: by the names and types of its inputs."""

import keras
import pytest
from _fitted import (
    CLASSES,
    NUMBERS,
    WORDS,
    L,
    fitted,
)

from tuner.errors import UsageError


class OfDict(keras.Model):
    def __init__(self):
        super().__init__()
        self.last = L.Dense(3)

    def call(self, rows):
        return self.last(rows["a"])


@pytest.mark.parametrize("others", [{}, {"b": WORDS}], ids=["one array", "two arrays"])
def test_a_subclassed_model_gets_its_dict_as_it_is_and_is_built(others):
    model = OfDict()
    found = fitted(model, ({"a": NUMBERS, **others}, CLASSES))
    assert set(found.data.train.x) == {"a", *others}
    assert model.built


def by_name(*names):
    inputs = [keras.Input((1,), name=name) for name in names]
    return keras.Model(inputs, L.Dense(3)(L.Concatenate()(inputs)))


def test_inputs_in_a_list_get_the_arrays_of_a_dict_by_their_names_and_no_others():
    x = {"b": NUMBERS[:, 0], "other": WORDS, "a": NUMBERS[:, 1]}
    found = fitted(by_name("a", "b"), (x, CLASSES))
    first, second = found.data.train.x
    assert set(first.tolist()) <= set(NUMBERS[:, 1].astype("float32").tolist())
    assert set(second.tolist()) <= set(NUMBERS[:, 0].astype("float32").tolist())
    with pytest.raises(UsageError, match="inputs named a, c, 'mine' has b, other, a: no c"):
        fitted(by_name("a", "c"), (x, CLASSES))


def test_inputs_in_a_list_get_the_arrays_of_a_tuple_in_their_order():
    found = fitted(by_name("a", "b"), ((NUMBERS[:, 0], NUMBERS[:, 1]), CLASSES))
    assert set(found.data.train.x[1].tolist()) <= set(NUMBERS[:, 1].astype("float32").tolist())
    with pytest.raises(UsageError, match=r"takes .* and .*, 'mine' has \(4,\) float64"):
        fitted(by_name("a", "b"), (NUMBERS, CLASSES))
