"""The optimizers: Adam fused, and learned rates that move faster."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from _nets import program, rebuilt, train, train_validation

from tuner.errors import UsageError
from tuner.training.optimizers import make_optimizer


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", pytest.param("sgd", marks=pytest.mark.slow)])
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
