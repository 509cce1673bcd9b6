"""A model that is trained once, without a study: what is refused."""

import keras
import numpy as np
import pytest

from tuner.errors import UsageError
from tuner.training import train

L = keras.layers
X = np.zeros((8, 3, 2), "float32")
Y = np.arange(8) % 2


def recurrent(**given):
    return keras.Sequential(
        [keras.Input(batch_shape=(4, 3, 2)), L.GRU(2, name="memory", **given), L.Dense(2)]
    )


def test_weights_of_rows_are_refused_for_what_they_are():
    with pytest.raises(UsageError, match=r"training rows: expected \(x, y\), got 3 parts"):
        train(recurrent(), (X, Y, Y), (X, Y))
    with pytest.raises(UsageError, match=r"validation rows: expected \(x, y\), got 1 part"):
        train(recurrent(), (X, Y), (X,))


def test_a_state_that_goes_from_batch_to_batch_is_refused_by_the_name_of_its_layer():
    with pytest.raises(UsageError, match=r"keeps the state of .*memory"):
        train(recurrent(stateful=True), (X, Y), (X, Y))
