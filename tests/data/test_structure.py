"""Arrays in dicts and tuples: their rows, and what each is."""

import numpy as np
import pytest
import tensorflow as tf

from tuner.data.spec import RowSpec
from tuner.data.structure import each, leaves, n_rows, specs

NUMBERS, WORDS = np.zeros((4, 3), "float32"), np.array(["a", "bc", "d", "e"])


@pytest.mark.parametrize("words", [WORDS, WORDS.astype(object), WORDS.astype(bytes)])
def test_each_array_of_a_structure_says_what_a_row_of_it_is(words):
    given = {"b": (NUMBERS, np.arange(4)), "a": words}
    assert specs(given) == {
        "b": (RowSpec((3,), "float32"), RowSpec((), "int64")),
        "a": RowSpec((), "string"),
    }
    assert n_rows(given) == 4
    assert [leaf.shape for leaf in leaves(given)] == [(4,), (4, 3), (4,)]


def test_arrays_that_are_not_of_numpy_say_the_same_of_themselves():
    assert specs(tf.zeros((2, 3))) == RowSpec((3,), "float32")
    assert specs(tf.constant(["a"])) == RowSpec((), "string")


def test_one_array_is_a_structure_and_nothing_stays_nothing():
    assert each(len, (NUMBERS, None)) == (4, None)
    assert n_rows(NUMBERS) == 4
