"""What Keras keeps private of random state and optimizers is there, and does what it is for."""

import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from _nets import L, model, rebuilt

from tuner.training.backend import fuse, is_dense, random_state, set_seed


def adam():
    optimizer = keras.optimizers.Adam()
    optimizer.build([keras.Variable(np.ones(2, "float32"))])
    return optimizer


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (L.Dense(1), "_trainable_variables"),
        *((adam(), name) for name in ("_backend_update_step", "_get_variable_index")),
        *((adam(), name) for name in ("_momentums", "_velocities")),
        (importlib.import_module("keras.src.random.seed_generator"), "global_seed_generator"),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
def test_the_name_is_there(owner, name):
    assert hasattr(owner, name), (
        f"Keras has no {name} any more: docs/internals.md says what it was for"
    )


def test_a_seed_repeats_what_keras_python_and_numpy_draw():
    drawn = []
    for _ in range(2):
        set_seed(7)
        drawn.append((keras.random.uniform((3,)).numpy().tolist(), np.random.random()))  # noqa: NPY002
    assert drawn[0] == drawn[1]
    set_seed(8)
    assert keras.random.uniform((3,)).numpy().tolist() != drawn[0][0]
    assert random_state().shape == (2,)


def test_graphs_are_rewritten_where_convolutions_profit_from_it():
    image = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(4, 3), L.Flatten(), L.Dense(2)])
    assert not is_dense(image)
    assert is_dense(model())
    normalized = keras.Sequential([keras.Input((6,)), L.BatchNormalization(), model()])
    assert is_dense(normalized)
    for name in ("standard", "concrete", "variational"):
        assert is_dense(rebuilt(name, of=model(), n_train=10).model)
    assert not is_dense(keras.Sequential([keras.Input((8, 3)), L.LSTM(4), L.Dense(2)]))


def of_ids(step):
    """The slope of an embedding of three, in which an id occurs twice."""
    return tf.IndexedSlices(tf.fill((3, 2), step - 1.0), tf.constant([0, 2, 0]), (3, 2))


@pytest.mark.parametrize("slope", [lambda step: keras.ops.full((3, 2), step - 1.0), of_ids])
@pytest.mark.parametrize("kind", [keras.optimizers.Adam, keras.optimizers.AdamW])
def test_the_fused_step_is_that_of_keras(kind, slope):
    """The negative control: without a step nothing moves."""
    moved = {}
    for fused in (True, False):
        weights = keras.Variable(np.ones((3, 2), "float32"))
        optimizer = kind(0.1)
        if fused:
            fuse(optimizer)
        for step in range(5):
            optimizer.apply([slope(step)], [weights])
        moved[fused] = weights.numpy()
    np.testing.assert_allclose(moved[True], moved[False], rtol=1e-5)
    assert np.abs(moved[True] - 1).max() > 0.01
