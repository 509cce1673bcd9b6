"""What Keras knows of a compiled model and does not say: this looks inside."""

from collections.abc import Callable, Mapping
from typing import Any

import keras

from tuner.dropout.tensors import Tensor


def compile_arguments(model: keras.Model) -> Mapping[str, Any]:
    """What a model was compiled with, as it was given."""
    found: Mapping[str, Any] = model._compile_config.config
    return found


def compiled_loss(model: keras.Model) -> Callable[..., Any] | None:
    """(y, outputs, weight) -> the loss of a compile, a scalar; None without one."""
    found: Callable[..., Any] | None = model._compile_loss if model.compiled else None
    return found


def compiled_metrics(model: keras.Model) -> keras.metrics.Metric | None:
    """All metrics that a model was compiled with, as one; None without them."""
    return model._compile_metrics if model.compiled else None


def tells_training(model: keras.Model) -> bool:
    """Whether the compute_loss of a model asks whether it is for training."""
    return bool(model._compute_loss_has_training_arg)


def learning_rate_of(optimizer: keras.optimizers.Optimizer) -> Any:
    """The learning rate: a variable, or the schedule that gives it."""
    return getattr(optimizer, "inner_optimizer", optimizer)._learning_rate


def decays(optimizer: keras.optimizers.Optimizer, weights: keras.Variable) -> bool:
    """Whether the weight decay of an optimizer is for these weights too."""
    return bool(getattr(optimizer, "inner_optimizer", optimizer)._use_weight_decay(weights))


def function_of(metric: keras.metrics.MeanMetricWrapper) -> Any:
    """The function whose mean a metric is."""
    return metric._fn


def fixed_arguments(loss: Any) -> Mapping[str, Any]:
    """What a loss of Keras gives to its function each time."""
    found: Mapping[str, Any] = getattr(loss, "_fn_kwargs", None) or {}
    return found


def mask_of(outputs: Tensor) -> Tensor | None:
    """The mask that a model gives with its answers, [batch, ...]; None without one."""
    return getattr(outputs, "_keras_mask", None)
