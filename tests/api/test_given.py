"""What is given as an object reaches other processes by a reference, or is refused in a line."""

import threading

import keras
import numpy as np
import pytest
from _tiny import three_classes

from tuner import importer
from tuner.api.given import kept_in, reference
from tuner.errors import UsageError


def network(units=4):
    layers = [keras.layers.Dense(units), keras.layers.Dropout(0.5), keras.layers.Dense(3)]
    return keras.Sequential([keras.Input((6,)), *layers])


def test_arrays_come_back_as_they_were(tmp_path):
    x, y = np.arange(6.0).reshape(3, 2), np.array(["a", "b", "c"])
    named = reference((x, y), "data", tmp_path / "mine")
    found = importer.load(named)()
    np.testing.assert_array_equal(found[0], x)
    np.testing.assert_array_equal(found[1], y)


def test_a_function_of_a_cell_comes_back_and_is_written_once(tmp_path):
    size = 3
    named = reference(lambda x: x + size, "model", tmp_path)
    assert importer.load(named)(1) == 4
    assert reference(lambda x: x + size, "model", tmp_path) == named
    assert len(list(tmp_path.iterdir())) == 1
    assert str(next(tmp_path.iterdir())) in kept_in({"model": named, "data": "digits"})


def test_names_and_functions_of_modules_are_named(tmp_path):
    assert reference("mlp", "model", tmp_path) == "mlp"
    assert reference(three_classes, "data", tmp_path) == "_tiny:three_classes"
    assert kept_in({"model": "mlp", "data": "_tiny:three_classes"}) == ""
    assert not list(tmp_path.iterdir())


def test_a_model_is_a_file_whatever_its_layers_are_numbered(tmp_path):
    first, second = (reference(network(), "model", tmp_path) for _ in range(2))
    assert first == second
    assert first.endswith(".keras")
    assert reference(network(5), "model", tmp_path) != first


def test_weights_of_a_model_count_where_they_are_kept(tmp_path):
    first, second = (reference(network(), "model", tmp_path, keeps=True) for _ in range(2))
    assert first != second


def test_what_cannot_be_kept_is_refused_and_nothing_is_written(tmp_path):
    lock = threading.Lock()
    with pytest.raises(UsageError, match="data cannot be kept for other processes: TypeError"):
        reference(lambda: lock, "data", tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_model_whose_file_would_decay_other_weights_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    model.compile(keras.optimizers.AdamW(weight_decay=0.1), "mse")
    assert reference(model, "model", tmp_path).endswith(".keras")
    model.optimizer.exclude_from_weight_decay(var_names=["bias"])
    with pytest.raises(UsageError, match=r"told what not to decay .*: give a function"):
        reference(model, "model", tmp_path)


def test_a_file_that_is_not_here_is_named(tmp_path):
    with pytest.raises(UsageError, match="no such file here"):
        importer.load(f"{tmp_path}/model-0.pickle:given")
    (tmp_path / "model-1.pickle").write_bytes(b"nothing")
    with pytest.raises(UsageError, match="cannot be opened"):
        importer.load(f"{tmp_path}/model-1.pickle:given")
