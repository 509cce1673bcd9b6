"""Whatever has rows, as arrays: lists, tensors, columns, rows of different lengths."""

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from _raw_rows import LABELS, ROWS

from tuner.data._objects import from_object
from tuner.errors import UsageError

FILLED = [[1, 2, 3], [4, 0, 0], [5, 6, 0]]
LISTS = [[1, 2, 3], [4], [5, 6]]
RAGGED = {
    "lists": LISTS,
    "arrays of objects": np.array([np.array(row) for row in LISTS], dtype=object),
    "a RaggedTensor": tf.ragged.constant(LISTS),
    "a column of lists": pd.Series(LISTS),
}


@pytest.mark.parametrize("given", RAGGED)
def test_rows_of_different_lengths_are_filled_up_with_zeros_and_that_is_said(given):
    raw = from_object((RAGGED[given], [0, 1, 0]), "mine")
    assert raw.x.tolist() == FILLED
    assert raw.x.dtype.kind == "i"
    assert raw.notes == ("rows of different lengths get zeros at the end, up to 3",)


def test_training_and_test_rows_become_as_long():
    raw = from_object(((LISTS, [0, 1, 0]), ([[7, 8, 9, 10], [3]], [1, 0])), "mine")
    assert raw.x.shape == (3, 4)
    assert raw.x_test.tolist() == [[7, 8, 9, 10], [3, 0, 0, 0]]


def test_sequences_of_vectors_and_of_words_are_filled_up_too():
    x = {"vectors": [np.ones((2, 3)), np.ones((1, 3))], "words": [["a", "film"], ["b"]]}
    raw = from_object((x, [0, 1]), "mine")
    assert raw.x["vectors"][1].tolist() == [[1, 1, 1], [0, 0, 0]]
    assert raw.x["words"].tolist() == [["a", "film"], ["b", ""]]
    assert raw.notes[1].startswith("rows of different lengths get empty text")


def test_rows_of_one_length_are_not_filled_up():
    raw = from_object(([[1, 2], [3, 4]], [0, 1]), "mine")
    assert (raw.x.tolist(), raw.notes) == ([[1, 2], [3, 4]], ())


def test_dicts_tuples_and_lists_of_arrays_are_several_inputs():
    one, other = np.arange(200), ROWS[:, :2]
    for given in ({"a": one, "b": other}, (one, other), [one, other], [tf.constant(one), other]):
        raw = from_object((given, LABELS), "mine")
        first, second = raw.x.values() if isinstance(given, dict) else raw.x
        np.testing.assert_array_equal(first, one)
        np.testing.assert_array_equal(second, other)


def test_a_list_of_rows_that_are_arrays_is_one_input():
    assert from_object(([*ROWS[:2]], [0, 1]), "mine").x.shape == (2, 5)


def test_weights_of_rows_come_third_or_by_name():
    weight = np.linspace(0, 1, 200)
    both = ((ROWS, LABELS, weight), (ROWS[:9], LABELS[:9]))
    for given in ((ROWS, LABELS, weight), {"x": ROWS, "y": LABELS, "sample_weight": weight}, both):
        raw = from_object(given, "mine")
        np.testing.assert_allclose(raw.weight, weight)
        assert raw.weight.dtype == np.float32
    assert from_object((ROWS, LABELS), "mine").weight is None


def test_rows_that_are_partly_lists_are_refused():
    with pytest.raises(UsageError, match=r"mine: .*different kinds|lists and others"):
        from_object(([[1], 2, [3, 4]], [0, 1, 0]), "mine")
