"""What Keras keeps private of compiled models is there, and is what it is used for."""

import functools

import keras
import numpy as np
import pytest
from _compiled import L
from _internals import noticed_by, verify

from tuner.training import keras_training as inside


@functools.cache
def model():
    made = keras.Sequential([keras.Input((3,), dtype="int32"), L.Embedding(9, 2, mask_zero=True)])
    made.compile(keras.optimizers.SGD(0.5), keras.losses.Huber(0.5), metrics=[off])
    return made


def off(y, answers):
    return keras.ops.mean(y - answers, axis=-1)


def answers():
    return model()(np.array([[1, 2, 0]]))


CHECKS = {
    "_compile_config": lambda: inside.compile_arguments(model())["metrics"] == [off],
    "_compile_loss": lambda: (
        float(inside.compiled_loss(model())(answers() + 4, answers(), None)) > 1
    ),
    "_compile_metrics": lambda: not inside.compiled_metrics(model()).built,
    "_compute_loss_has_training_arg": lambda: inside.tells_training(model()),
    "_learning_rate": lambda: float(inside.learning_rate_of(model().optimizer)) == 0.5,
    "_fn": lambda: inside.function_of(keras.metrics.MeanMetricWrapper(off)) is off,
    "_fn_kwargs": lambda: inside.fixed_arguments(keras.losses.Huber(0.5))["delta"] == 0.5,
    "_keras_mask": lambda: inside.mask_of(answers()).numpy().tolist() == [[True, True, False]],
}


@pytest.mark.parametrize(
    "use", noticed_by("tests/training/test_keras_training.py"), ids=lambda use: use.name
)
def test_the_name_is_there(use):
    verify(use, CHECKS[use.name])
