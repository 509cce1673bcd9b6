"""What is chosen of TensorFlow for a process."""

import keras
from _nets import L, model, rebuilt

from tuner.training import backend


def test_graphs_are_rewritten_where_convolutions_profit_from_it():
    image = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(4, 3), L.Flatten(), L.Dense(2)])
    assert not backend.is_dense(image)
    assert backend.is_dense(model())
    normalized = keras.Sequential([keras.Input((6,)), L.BatchNormalization(), model()])
    assert backend.is_dense(normalized)
    for name in ("standard", "concrete", "variational"):
        assert backend.is_dense(rebuilt(name, of=model(), n_train=10).model)
    assert not backend.is_dense(keras.Sequential([keras.Input((8, 3)), L.LSTM(4), L.Dense(2)]))
