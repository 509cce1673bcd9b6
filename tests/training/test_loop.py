"""The engine: one program per structure, and what it must not do between trials."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner import importer
from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.dropout.rebuild import rebuild
from tuner.errors import UsageError
from tuner.schema import VARIANTS
from tuner.study.definition import StudyDefinition, Training
from tuner.training import backend, loop
from tuner.training.backend import set_seed
from tuner.training.batches import Arrays
from tuner.training.loop import DivergedError, evaluate
from tuner.training.optimizers import make_optimizer
from tuner.training.program import Program

L = keras.layers


def train_validation(task="classification", n=240):
    generator = np.random.default_rng(0)
    x = generator.normal(size=(n, 6)).astype("float32")
    y = (x[:, 0] > 0).astype(int) if task == "classification" else 100 + 5 * x[:, 0]
    definition = StudyDefinition.parse({"task": task}, "test")
    return prepare(RawData(x, y), definition.data_settings).train_validation


def model(outputs=2, activation="softmax", mark=True):
    keras.utils.set_random_seed(1)
    marks = [L.Dropout(0.5)] if mark else []
    layers = [L.Dense(32, activation="relu"), *marks, L.Dense(outputs, activation=activation)]
    return keras.Sequential([keras.Input((6,)), *layers])


def rebuilt(name="standard", rate=0.5, *, of=None, **values):
    variant = importer.load(VARIANTS[name])
    defaults = {"rate": rate, "shape": "linear_down", "n_train": 100, "n_steps": 100}
    defaults["task"] = "classification"
    return rebuild(of or model(), variant, {**defaults, **values})


def train(program, data, epochs=3, seed=0, learning_rate=0.01, on_epoch=None):
    history = []
    loop.train_program(
        program,
        Arrays.of(data.train),
        Arrays.of(data.validation),
        Training(epochs=epochs, batch_size=50, learning_rate=learning_rate),
        seed=seed,
        on_epoch=on_epoch or (lambda epoch, metrics: history.append(metrics)),
    )
    return history


def program(first, data=None, metric="accuracy", optimizer="adam"):
    return Program(first, data or train_validation(), metric=metric, optimizer=optimizer)


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
    assert int(engine._optimizer.iterations) == 3 * -(-len(data.train.x) // 50)


def test_a_rate_zero_trains_like_no_dropout_bit_by_bit():
    data = train_validation()
    histories = [
        train(program(rebuilt(name, 0.0)), data)
        for name in ("none", "standard", "gaussian", "scheduled", "dropconnect")
    ]
    assert all(history == histories[0] for history in histories)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "adagrad", "nadam"])
def test_trials_of_equal_seed_on_one_program_have_equal_histories(optimizer):
    data = train_validation()
    engine = program(rebuilt(), optimizer=optimizer)
    first = train(engine, data)
    engine.load(rebuilt(rate=0.1))
    train(engine, data, seed=9, learning_rate=0.1)
    engine.load(rebuilt())
    assert train(engine, data) == first


def test_another_seed_gives_another_history():
    data = train_validation()
    engine = program(rebuilt())
    first = train(engine, data)
    engine.load(rebuilt())
    assert train(engine, data, seed=1) != first


def test_training_learns():
    data = train_validation()
    history = train(program(rebuilt()), data, epochs=15)
    assert history[-1]["val_accuracy"] > 0.9 > history[0]["train_accuracy"]


def test_evaluation_agrees_with_keras():
    data = train_validation()
    engine = program(rebuilt())
    train(engine, data)
    engine.model.compile(loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    loss, accuracy = engine.model.evaluate(data.train.x, data.train.y, verbose=0)
    ours = evaluate(engine, Arrays.of(data.train), "train")
    assert ours == pytest.approx({"train_loss": loss, "train_accuracy": accuracy}, abs=1e-5)


def test_training_agrees_with_model_fit_in_what_it_reaches():
    """Same model and data, no noise, other batch order: losses close after 20 epochs."""
    data = train_validation()
    ours = train(program(rebuilt("none", 0.0)), data, epochs=20)[-1]["val_loss"]
    other = model(mark=False)
    other.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy")
    other.fit(data.train.x, data.train.y, batch_size=50, epochs=20, verbose=0)
    theirs = other.evaluate(data.validation.x, data.validation.y, verbose=0)
    assert ours == pytest.approx(theirs, abs=0.05)


@pytest.mark.parametrize(
    ("outputs", "activation"), [(2, "softmax"), (2, None), (1, "sigmoid"), (1, None)]
)
def test_every_usual_head_of_a_classifier_learns(outputs, activation):
    data = train_validation()
    first = rebuilt("none", 0.0, of=model(outputs, activation))
    assert train(program(first), data, epochs=15)[-1]["val_accuracy"] > 0.9


def test_a_softmax_that_is_a_layer_of_its_own_is_seen():
    data = train_validation()
    layers = [keras.Input((6,)), L.Dense(32, "relu"), L.Dropout(0.5), L.Dense(2), L.Softmax()]
    first = rebuilt("none", 0.0, of=keras.Sequential(layers))
    loss = evaluate(program(first), Arrays.of(data.train), "train")["train_loss"]
    probability = first.model.predict(data.train.x, verbose=0)[
        np.arange(len(data.train.y)), data.train.y
    ]
    assert loss == pytest.approx(-np.log(probability).mean(), abs=1e-4)


def test_regression_metrics_are_in_the_units_of_the_target():
    data = train_validation("regression")
    engine = program(rebuilt("none", 0.0, of=model(1, None)), data, metric="rmse")
    start = evaluate(engine, Arrays.of(data.validation), "val")["val_rmse"]
    end = train(engine, data, epochs=60)[-1]["val_rmse"]
    assert end < 2 < start


def test_a_model_with_other_outputs_than_the_data_says_so():
    with pytest.raises(UsageError, match=r"outputs of shape \(None, 7\), the data has 2 classes"):
        program(rebuilt(of=model(7)))


def test_a_diverging_trial_says_when():
    data = train_validation("regression")
    engine = program(rebuilt("none", 0.0, of=model(1, None)), data, "rmse", "sgd")
    with pytest.raises(DivergedError, match=r"became (nan|inf) in epoch"):
        train(engine, data, epochs=20, learning_rate=1e6)


def test_on_epoch_can_stop_the_training():
    data, seen = train_validation(), []

    def stop(epoch, metrics):
        seen.append(epoch)
        if epoch == 3:
            raise StopIteration

    with pytest.raises(StopIteration):
        train(program(rebuilt()), data, epochs=10, on_epoch=stop)
    assert seen == [1, 2, 3]


def test_the_schedule_reaches_its_end_at_the_last_step():
    data = train_validation()
    steps = 4 * -(-len(data.train.x) // 50)
    first = rebuilt("scheduled", n_steps=steps)
    train(program(first), data, epochs=4)
    assert float(first.layers[0].progress()) == 1


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


def test_what_a_learned_rate_adds_to_the_loss_moves_it():
    """Concrete dropout on the same data: heavy weights lower the rate, heavy entropy raises it."""
    data, ends = train_validation(), {}
    for hps in ((3.0, 0.0), (0.0, 10.0)):
        first = rebuilt("concrete", 0.3, length_scale=hps[0], entropy_weight=hps[1])
        train(program(first, data), data, epochs=10)
        ends[hps] = first.variant.learned(first.layers[0])
    assert ends[3.0, 0.0] < 0.28
    assert ends[0.0, 10.0] > 0.32


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


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("name", ["concrete", "variational"])
def test_a_learned_rate_moves_as_many_times_faster_as_it_is_told(name, optimizer):
    steps, kernels = {}, {}
    for mult in (1.0, 5.0, -1.0):  # the last is the negative control: the optimizer's step alone
        data, first = (
            train_validation(n=50),
            rebuilt(name, 0.2, rate_lr_mult=5.0 if mult < 0 else mult),
        )
        if mult < 0:
            first.layers[0].rate_lr_mult.scalar.assign(1.0)
        before = first.layers[0].rho.numpy()
        train(program(first, data, optimizer=optimizer), data, epochs=1)
        steps[mult] = first.layers[0].rho.numpy() - before
        kernels[mult] = first.model.layers[-1].kernel.numpy()
    np.testing.assert_allclose(steps[5.0], 5 * steps[1.0], rtol=1e-3)
    np.testing.assert_allclose(steps[-1.0], steps[1.0], rtol=1e-3)
    np.testing.assert_allclose(kernels[5.0], kernels[1.0])


def test_an_unknown_optimizer_is_refused():
    with pytest.raises(UsageError, match="unknown optimizer 'adamm'"):
        make_optimizer("adamm")


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


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_the_fused_adam_is_the_adam_of_keras(name):
    def weights(optimizer):
        variables = [keras.Variable(np.linspace(-1, 1, 6, dtype="float32")), keras.Variable([0.5])]
        optimizer.build(variables)
        for step in range(5):
            optimizer.apply([0.3 * v + 0.1 * step for v in variables], variables)
        return np.concatenate([v.numpy().ravel() for v in variables])

    wanted = weights(keras.optimizers.get(name))
    assert "ResourceApplyAdam" in operations(make_optimizer(name))
    assert "ResourceApplyAdam" not in operations(keras.optimizers.get(name))
    np.testing.assert_allclose(weights(make_optimizer(name)), wanted, rtol=1e-6)
    other = keras.optimizers.get({"class_name": name, "config": {"beta_2": 0.9}})
    assert not np.allclose(weights(other), wanted, rtol=1e-6)


def operations(optimizer):
    variable = keras.Variable([1.0])
    optimizer.build([variable])
    step = tf.function(lambda: optimizer.apply([tf.constant([1.0])], [variable]))
    return {operation.type for operation in step.get_concrete_function().graph.get_operations()}


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


def test_graphs_are_rewritten_where_convolutions_profit_from_it():
    image = keras.Sequential([keras.Input((8, 8, 1)), L.Conv2D(4, 3), L.Flatten(), L.Dense(2)])
    assert not backend.is_dense(image)
    assert backend.is_dense(model())
    normalized = keras.Sequential([keras.Input((6,)), L.BatchNormalization(), model()])
    assert backend.is_dense(normalized)
    for name in ("standard", "concrete", "variational"):
        assert backend.is_dense(rebuilt(name, of=model(), n_train=10).model)
    assert not backend.is_dense(keras.Sequential([keras.Input((8, 3)), L.LSTM(4), L.Dense(2)]))
