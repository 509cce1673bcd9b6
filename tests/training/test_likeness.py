"""Compiles that do the same are one program's, others are not."""

import keras
import pytest
from _compiled import L

from tuner.training.likeness import compile_likeness


def of(loss="mse", optimizer=None, metrics=("mae",)):
    model = keras.Sequential([keras.Input((3,)), L.Dense(1)])
    model.compile(optimizer or keras.optimizers.Adam(), loss, metrics=list(metrics))
    return compile_likeness(model)


def scaled(factor):
    return lambda y, answers: keras.ops.mean(factor * (y - answers) ** 2, axis=-1)


class Weighted(keras.losses.Loss):
    """A loss that does not say its factor in its config."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, y, answers):
        return keras.ops.mean(self.factor * (y - answers) ** 2, axis=-1)


def schedule(rate):
    return keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(rate, 10))


@pytest.mark.parametrize(
    "given",
    [
        lambda: {"loss": scaled(2.0)},
        lambda: {"loss": Weighted(2.0)},
        lambda: {"loss": keras.losses.Huber(0.5)},
        lambda: {"optimizer": schedule(0.1)},
        lambda: {"metrics": [keras.metrics.AUC(num_thresholds=9), scaled(1.0)]},
    ],
)
def test_what_is_made_anew_in_each_build_is_alike(given):
    assert of(**given()) == of(**given())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"loss": scaled(2.0)}, {"loss": scaled(3.0)}),
        ({"loss": Weighted(2.0)}, {"loss": Weighted(3.0)}),
        ({"loss": keras.losses.Huber(0.5)}, {"loss": keras.losses.Huber(0.7)}),
        ({"optimizer": schedule(0.1)}, {"optimizer": schedule(0.2)}),
        (
            {"optimizer": keras.optimizers.Adam(clipnorm=1.0)},
            {"optimizer": keras.optimizers.Adam(clipnorm=2.0)},
        ),
        ({"metrics": [keras.metrics.AUC(num_thresholds=9)]}, {"metrics": [keras.metrics.AUC()]}),
        ({"loss": "mse"}, {"loss": "mae"}),
    ],
)
def test_what_does_something_else_is_not(one, other):
    assert of(**one) != of(**other)


class Scaled(keras.Model):
    """A step that reads a number."""

    def compute_loss(self, *given, **named):
        return self.factor * super().compute_loss(*given, **named)


def test_what_a_step_of_its_own_reads_counts():
    found = []
    for factor in (2.0, 2.0, 3.0):
        inputs = keras.Input((3,))
        model = Scaled(inputs, L.Dense(1)(inputs))
        model.factor = factor
        model.compile("sgd", "mse")
        found.append(compile_likeness(model))
    assert found[0] == found[1] != found[2]


def test_a_learning_rate_that_is_a_number_does_not_count():
    assert of(optimizer=keras.optimizers.Adam(0.1)) == of(optimizer=keras.optimizers.Adam(0.2))


def test_optimizers_that_decay_other_weights_are_others():
    def adam(*names):
        optimizer = keras.optimizers.AdamW()
        optimizer.exclude_from_weight_decay(var_names=names)
        return of(optimizer=optimizer)

    assert adam("bias") == adam("bias") != adam() == of(optimizer=keras.optimizers.AdamW())
