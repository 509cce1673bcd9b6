"""The layers alone in `model.fit` do what they do in tuner's loop: one history for both."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner import importer
from tuner.data.arrays import of_arrays
from tuner.dropout import apply
from tuner.errors import UsageError
from tuner.schema import VARIANTS
from tuner.training.backend import set_seed
from tuner.training.settings import TrainingSettings
from tuner.training.trainer import Recipe, Trainer

L = keras.layers
EPOCHS, BATCH, N, SEED = 4, 32, 96, 3
STEPS = EPOCHS * (N // BATCH)
GIVEN = {
    "scheduled": {"shape": "linear_up"},
    "targeted": {"ramp": True},
    "variational": {"warmup_frac": 0.5, "rate_lr_mult": 3.0, "kl_weight": 1.0},
    "concrete": {"entropy_weight": 3.0, "length_scale": 0.5, "rate_lr_mult": 3.0},
}
"""What did nothing outside of the loop once."""


def rows(n, seed):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 5, 1)).astype("float32")
    return x, (x.sum(axis=(1, 2)) > 0).astype("int32")


def build():
    hidden = [L.Conv1D(6, 2, activation="relu"), L.Dropout(0.1), L.Flatten()]
    hidden += [L.Dense(12, activation="relu"), L.Dropout(0.1)]
    return keras.Sequential([keras.Input((5, 1)), *hidden, L.Dense(2, activation="softmax")])


def values_of(name):
    facts = {"n_train": N, "n_steps": STEPS, "task": "classification"}
    variant = importer.load(VARIANTS[name])
    known = {"scheduled": ("n_steps",), "targeted": ("n_steps",), "mc": ("task",)}
    known |= {"concrete": ("n_train", "task"), "variational": ("n_train", "n_steps")}
    return variant, GIVEN.get(name, {}) | {fact: facts[fact] for fact in known.get(name, ())}


def in_the_loop(name, rate):
    variant, values = values_of(name)
    chosen = variant.given(values)
    settings = TrainingSettings(epochs=EPOCHS, batch_size=BATCH, learning_rate=0.01)
    trainer = Trainer(of_arrays(rows(N, 0), rows(40, 1)), "accuracy")
    recipe = Recipe(build, chosen, chosen.complete({"rate": rate, **values}), settings)
    return trainer.run(recipe, SEED).history


@functools.cache
def in_fit(name, rate, *, without=()):
    _, values = values_of(name)
    set_seed(SEED)
    model = apply(build(), name, rate, **{k: v for k, v in values.items() if k not in without})
    loss = keras.losses.SparseCategoricalCrossentropy()
    adam = keras.optimizers.Adam(0.01)
    model.compile(adam, loss, metrics=["accuracy"], jit_compile=False)
    x, y = rows(N, 0)
    found = []
    for epoch in range(1, EPOCHS + 1):
        order = np.random.default_rng((SEED, epoch)).permutation(N)  # as the loop mixes the rows
        given = {"batch_size": BATCH, "shuffle": False, "validation_data": rows(40, 1)}
        history = model.fit(x[order], y[order], verbose=0, **given).history
        found.append({name: values[0] for name, values in history.items()})
    return found


QUICK = ("standard", "concrete", "adversarial")
"""Noise, noise that adds to the loss, another loss: the others run in `make zoo` only."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.zoo]) for name in VARIANTS],
)
def test_fit_gives_the_history_of_the_loop(name):
    """But for the training loss: that of `fit` has what a variant adds in it.

    `fit` tells the layers how many rows there are.
    """
    rate = 0.1 if name == "adversarial" else 0.3
    ours, theirs = in_the_loop(name, rate), in_fit(name, rate, without=("n_train",))
    assert [row["val_loss"] for row in theirs] == pytest.approx(
        [row["val_loss"] for row in ours], rel=2e-4
    )
    assert [row["accuracy"] for row in theirs] == pytest.approx(
        [row["train_accuracy"] for row in ours], abs=1e-6
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("concrete", "entropy_weight"),
        ("scheduled", "shape"),
        ("concrete", "rate_lr_mult"),
        ("variational", "warmup_frac"),
        pytest.param("variational", "rate_lr_mult", marks=pytest.mark.zoo),
        ("targeted", "ramp"),
    ],
)
def test_what_a_layer_is_told_counts_in_fit(name, setting):
    with_ = in_fit(name, 0.3, without=("n_train",))
    without = in_fit(name, 0.3, without=("n_train", setting))
    assert with_[-1]["val_loss"] != pytest.approx(without[-1]["val_loss"], rel=1e-5)


def test_fit_tells_how_many_rows_train_and_files_keep_it(tmp_path):
    model = apply(build(), "concrete", 0.1)
    model.compile("sgd", "sparse_categorical_crossentropy", run_eagerly=True)
    model.fit(*rows(N, 0), validation_split=0.25, verbose=0)
    model.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    told = [
        layer.n_train for each in (model, again) for layer in each.layers if "drop" in layer.name
    ]
    assert [cell.value for cell in told] == [cell.initial for cell in told] == [N * 0.75] * 4


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.drop, self.dense = L.Dropout(0.3), L.Dense(2)

    def call(self, x, training=False):
        return self.dense(self.drop(x, training=training))


def ending(*ends):
    inputs = keras.Input((None, 3))
    x = L.Dropout(0.3)(L.Dense(4, activation="relu")(inputs))
    return keras.Model(inputs, [end(L.Dense(1, activation="sigmoid")(x)) for end in ends])


@pytest.mark.parametrize("ends", [1, 2])
def test_models_of_several_outputs_or_any_length_take_a_variant(ends):
    model = apply(ending(*[L.Reshape((-1,))] * ends), "gaussian", 0.5)
    first, again = (model(np.ones((2, 5, 3)), training=True)[0] for _ in range(2))
    assert not np.array_equal(first, again)


def test_steps_of_any_number_are_averaged():
    model = apply(ending(L.Reshape((-1,))), "mc", 0.5, task="classification")
    assert model(np.ones((2, 5, 3))).shape == (2, 5)


def test_a_subclassed_model_takes_a_variant_once_it_was_called():
    model = Subclassed()
    with pytest.raises(UsageError, match="call it on some rows"):
        apply(model, "standard", 0.5)
    before = model(np.ones((2, 3)))
    assert apply(model, "standard", 0.5) is model
    assert np.array_equal(model(np.ones((2, 3))), before)
    assert not np.array_equal(model(np.ones((2, 3)), training=True), before)


@pytest.mark.parametrize("name", ["concrete", "variational"])
def test_rows_that_nobody_has_counted_are_asked_for(name):
    model, (x, y) = apply(build(), name, 0.1), rows(4, 0)
    with pytest.raises(ValueError, match="give n_train="):
        model(x, training=True)
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(ValueError, match="which fit tells it of arrays"):
        model.fit(tf.data.Dataset.from_tensors((x, y)), shuffle=False, verbose=0)


@pytest.mark.slow
def test_the_worst_mask_counts_in_fit():
    none, worst = in_fit("none", 0.0), in_fit("adversarial", 0.1)
    assert worst[0]["loss"] > 1.5 * none[0]["loss"]
    assert worst[-1]["val_loss"] != pytest.approx(none[-1]["val_loss"], rel=1e-5)
