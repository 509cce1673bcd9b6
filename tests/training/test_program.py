"""Programs: compiled once for a structure, whatever the rate."""

import dataclasses

import keras
import numpy as np
import pytest
from _nets import L, program, rebuilt, train, train_validation

from tuner.training.backend import set_seed
from tuner.training.batches import Arrays
from tuner.training.loop import evaluate


@pytest.mark.parametrize("name", ["standard", "gaussian", "alpha", "scheduled", "dropconnect"])
def test_a_rate_changed_between_trials_takes_effect_without_a_trace(name):
    data, first = train_validation(), rebuilt(name, 0.0)
    engine = program(first, data)
    calm = train(engine, data)
    traces = engine.n_traces
    engine.load(rebuilt(name, 0.7))
    noisy = train(engine, data)
    assert engine.n_traces == traces == 2
    assert noisy[0]["train_loss"] > calm[0]["train_loss"]


def test_the_budget_of_the_worst_mask_changes_without_a_trace():
    data, first = train_validation(), rebuilt("adversarial", 0.01)
    engine = program(first, data)
    small = train(engine, data)
    traces = engine.n_traces
    engine.load(rebuilt("adversarial", 0.5))
    assert train(engine, data)[-1] != small[-1]
    assert engine.n_traces == traces == 2
    assert int(engine.driver.optimizer.iterations) == 3 * -(-len(data.train.x) // 50)


KNOBS = {
    "concrete": ({"length_scale": 1.0, "entropy_weight": 0.1}, {"length_scale": 1e-4}),
    "variational": ({"kl_weight": 1.0, "warmup_frac": 0.5}, {"kl_weight": 1e-3}),
}


@pytest.mark.parametrize("name", KNOBS)
def test_a_learned_rate_is_recorded_and_starts_anew_without_a_trace(name):
    data, (one, other) = train_validation(), KNOBS[name]
    engine = program(rebuilt(name, 0.1, **one), data)
    first = train(engine, data, epochs=5)
    key = next(key for key in first[0] if key.startswith("rate_"))
    assert len({row[key] for row in first}) == 5
    engine.load(rebuilt(name, 0.4, **other))
    assert train(engine, data)[0][key] == pytest.approx(0.4, abs=0.1)
    engine.load(rebuilt(name, 0.1, **one))
    assert train(engine, data, epochs=5) == first
    assert engine.n_traces == 2


def words():
    """A model that drops behind an embedding, where standard noise stands, and hidden units."""
    inputs = keras.Input((6,))
    ids = keras.ops.cast(keras.ops.abs(inputs), "int32")
    x = L.Flatten()(L.Dropout(0.5)(L.Embedding(10, 4)(ids)))
    x = L.Dropout(0.5)(L.Dense(8, activation="relu")(x))
    return keras.Model(inputs, L.Dense(2, activation="softmax")(x))


@pytest.mark.parametrize("name", KNOBS)
def test_where_standard_noise_stands_its_rate_is_recorded(name):
    data, (knobs, _) = train_validation(), KNOBS[name]
    history = train(program(rebuilt(name, 0.1, of=words(), **knobs), data), data)
    assert [row["rate_0"] for row in history] == pytest.approx([0.1] * 3)
    assert len({row["rate_1"] for row in history}) == 3


def test_a_variant_may_add_a_loss():
    data = train_validation()
    plain = rebuilt("none", 0.0)

    def pull(model, x, y, outputs, loss):
        return sum(keras.ops.sum(weight**2) for weight in model.trainable_weights)

    pulled = dataclasses.replace(
        rebuilt("none", 0.0), variant=dataclasses.replace(plain.variant, loss=pull)
    )
    size = {}
    for name, first in (("plain", plain), ("pulled", pulled)):
        train(program(first), data, epochs=10)
        size[name] = sum(float(np.sum(np.square(w))) for w in first.model.get_weights())
    assert size["pulled"] < size["plain"] / 2


def test_a_variant_may_change_prediction():
    data = train_validation()
    first = rebuilt("none", 0.0)
    flipped = dataclasses.replace(
        first, model=keras.Sequential([first.model, keras.layers.Rescaling(-1.0, 1.0)])
    )
    part = Arrays.of(data.validation)
    right = evaluate(program(first), part, "val")["val_accuracy"]
    assert evaluate(program(flipped), part, "val")["val_accuracy"] == pytest.approx(1 - right)


class Untraceable(L.Layer):
    """The identity, by way of NumPy: it cannot be part of a graph."""

    def __init__(self, plain=False, **kwargs):
        super().__init__(**kwargs)
        self.plain = plain

    def call(self, x):
        return x if self.plain else x + (x.numpy() - x.numpy())

    def compute_output_shape(self, shape):
        return shape

    def get_config(self):
        return {**super().get_config(), "plain": self.plain}

    @classmethod
    def model(cls, plain=False):
        keras.utils.set_random_seed(1)
        layers = [L.Dense(8, "relu"), L.Dropout(0.5), cls(plain), L.Dense(2, "softmax")]
        return keras.Sequential([keras.Input((6,)), *layers])


def test_a_layer_that_cannot_be_compiled_runs_as_it_stands_and_says_why():
    data = train_validation()
    with_python = rebuilt("none", of=Untraceable.model())
    engine = program(with_python, data)
    assert "numpy" in engine.trouble
    plain = program(rebuilt("none", of=Untraceable.model(plain=True)), data)
    assert plain.trouble is None
    ours, theirs = train(engine, data), train(plain, data)
    for row, other in zip(ours, theirs, strict=True):
        assert row == pytest.approx(other, rel=1e-4)


def test_a_layer_that_draws_without_a_generator_of_its_own_repeats():
    class Noise(L.Layer):
        def call(self, x):
            return x + keras.random.normal(keras.ops.shape(x))

    def build():
        set_seed(3)
        layers = [Noise(), L.Dense(8, "relu"), L.Dropout(0.5), L.Dense(2, "softmax")]
        return keras.Sequential([keras.Input((6,)), *layers])

    data = train_validation()
    engine = program(rebuilt("none", of=build()), data)
    set_seed(3)
    first = train(engine, data)
    train(engine, data)
    engine.load(rebuilt("none", of=build()))
    set_seed(3)
    assert train(engine, data) == first
