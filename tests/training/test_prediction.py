"""The answers of a model: probabilities whatever its head, and rows in batches."""

import keras
import numpy as np
import pytest

from tuner.training.prediction import answer, predict

L = keras.layers


def model(units, activation=None):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((4,)), L.Dense(units, activation)])


def rows(n):
    return np.random.default_rng(0).normal(size=(n, 4)).astype("float32")


@pytest.mark.parametrize(
    ("units", "activation"), [(3, "softmax"), (3, None), (1, "sigmoid"), (1, None)]
)
def test_every_head_answers_with_probabilities(units, activation):
    found = answer(model(units, activation), rows(20), "classification")
    assert found.shape == (20, max(2, units))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    assert found.min() > 0


def test_a_logit_is_turned_into_its_probability():
    bare, finished = model(1), model(1, "sigmoid")
    finished.set_weights(bare.get_weights())
    np.testing.assert_allclose(
        answer(bare, rows(20), "classification"),
        answer(finished, rows(20), "classification"),
        rtol=1e-5,
    )


def test_targets_stay_as_they_are():
    net = model(2)
    np.testing.assert_allclose(answer(net, rows(20), "regression"), net(rows(20)), rtol=1e-6)


def test_more_rows_than_a_batch_are_all_answered():
    net = model(2)
    assert np.allclose(predict(net, rows(1030)), net(rows(1030)), atol=1e-5)
