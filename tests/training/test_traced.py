"""Models with layers of their owner's: equal where they compute the same."""

import keras
import numpy as np
import pytest
from _networks import L, transformer

from tuner import importer
from tuner.dropout.rebuild import rebuild
from tuner.schema import VARIANTS
from tuner.training.signature import signature
from tuner.training.traced import UnlikeError, traced


class Scaled(L.Layer):
    """It computes with a number that is in no configuration."""

    def __init__(self, factor, at_inference=1.0):
        super().__init__()
        self.factor, self.at_inference = factor, at_inference

    def call(self, x, training=None):
        return x * (self.factor if training else self.at_inference)


def scaled(factor=2.0, at_inference=1.0, units=3):
    layers = [Scaled(factor, at_inference), L.Dropout(0.2), L.Dense(units)]
    return keras.Sequential([keras.Input((4,)), *layers])


def chosen(make, name, rate):
    variant = importer.load(VARIANTS[name])
    return rebuild(make(), variant, {"rate": rate, "shape": "late", "n_steps": 4}).model


def test_rates_and_weights_are_no_part_of_it():
    one, other = (chosen(transformer, "standard", rate) for rate in (0.1, 0.6))
    assert signature(one) == signature(other)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["none", "gaussian", "scheduled"])
def test_another_noise_is(name):
    assert traced(chosen(transformer, name, 0.1)) != traced(chosen(transformer, "standard", 0.1))


@pytest.mark.parametrize(
    "other", [{"factor": 3.0}, {"at_inference": 2.0}, {"units": 4}], ids=lambda o: next(iter(o))
)
def test_what_a_layer_computes_with_is_though_nothing_says_so(other):
    assert signature(scaled()) == signature(scaled())
    assert signature(scaled()) != signature(scaled(**other))


def test_a_loop_is_what_it_does():
    def recurrent(activation):
        layers = [L.SimpleRNN(3, activation), L.Lambda(lambda x: x)]
        return keras.Sequential([keras.Input((5, 2)), *layers])

    assert traced(recurrent("tanh")) == traced(recurrent("tanh")) != traced(recurrent("relu"))


def looking_up(words, mean=0.0):
    texts, numbers = keras.Input((1,), dtype="string"), keras.Input((1,))
    normal = L.Normalization()
    normal.adapt(np.array([[mean], [mean + 2.0]]))
    x = L.Embedding(4, 2)(L.StringLookup(vocabulary=words)(texts))
    return keras.Model([texts, numbers], L.Dense(1)(L.Flatten()(x)) + normal(numbers))


def test_tables_and_adapted_numbers_are_what_is_in_them():
    one = signature(looking_up(["a", "b"]))
    assert one == signature(looking_up(["a", "b"]))
    assert one != signature(looking_up(["b", "a"]))
    assert one != signature(looking_up(["a", "b"], mean=1.0))


def test_a_function_of_the_owner_is_what_it_computes():
    def activated(factor):
        def activation(x):
            return factor * x

        return keras.Sequential([keras.Input((2,)), L.Dense(2, activation)])

    assert signature(activated(1.0)) == signature(activated(1.0)) != signature(activated(2.0))


class Stubborn(L.Layer):
    def call(self, x):
        return x * float(np.asarray(x).sum())


def test_a_model_that_cannot_be_traced_is_like_no_other_and_says_why():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.stubborn = Stubborn()

        def call(self, x):
            return self.stubborn(x)

    one, other, told = Own(), Own(), []
    row = keras.KerasTensor((4,))
    with pytest.raises(UnlikeError, match="cannot be traced"):
        traced(one, row)
    assert signature(one, row, told.append) != signature(other, row, told.append)
    assert "serves no other" in told[0]
