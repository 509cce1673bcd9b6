"""What Keras keeps private of random state and optimizers is there, and does what it is for."""

import importlib

import keras
import numpy as np
import pytest

from tuner.training.backend import fuse, is_dense, random_state, set_seed

L = keras.layers


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


def test_dense_layers_are_told_from_others():
    dense = keras.Sequential([keras.Input((8, 1)), L.Flatten(), L.Dense(2), L.Dropout(0.1)])
    assert is_dense(dense)
    assert not is_dense(keras.Sequential([keras.Input((8, 1)), L.Conv1D(2, 3)]))


@pytest.mark.parametrize("kind", [keras.optimizers.Adam, keras.optimizers.AdamW])
def test_the_fused_step_is_that_of_keras(kind):
    """The negative control: without a step nothing moves."""
    moved = {}
    for fused in (True, False):
        weights = keras.Variable(np.ones((3, 2), "float32"))
        optimizer = kind(0.1)
        if fused:
            fuse(optimizer)
        for step in range(5):
            optimizer.apply([keras.ops.full((3, 2), step - 1.0)], [weights])
        moved[fused] = weights.numpy()
    np.testing.assert_allclose(moved[True], moved[False], rtol=1e-5)
    assert np.abs(moved[True] - 1).max() > 0.01
