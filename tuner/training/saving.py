"""A trained model as a .keras file that takes raw rows and needs nothing but Keras."""

import os
from pathlib import Path

import keras
import numpy as np

from tuner.data.dataset import TrainValidation
from tuner.data.spec import Task
from tuner.dropout.graph import head
from tuner.dropout.rebuild import with_keras_layers


def save_model(model: keras.Model, data: TrainValidation, metric: str, path: Path) -> None:
    """Save `model` with the standardization around it, compiled so that it can be evaluated.

    The file appears whole or not at all. Our layers become Keras's own with their last rates. Keras
    has no density of targets: where that is the metric, it is the root of the mean squared error.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    with with_keras_layers(model) as plain:
        _whole(plain, data, metric).save(temporary)
    temporary.replace(path)


def _whole(model: keras.Model, data: TrainValidation, metric: str) -> keras.Model:
    """`model` with the standardization around it, compiled."""
    scaling, spec = data.scaling, data.spec
    inputs = keras.Input(spec.input_shape, name="rows")
    rows = inputs
    if scaling.mean is not None and scaling.scale is not None:
        variance = np.square(scaling.scale)
        rows = keras.layers.Normalization(mean=scaling.mean, variance=variance)(inputs)
    outputs = model(rows)
    if spec.task == "regression":
        outputs = keras.layers.Rescaling(scaling.y_scale, scaling.y_mean)(outputs)
    whole = keras.Model(inputs, outputs)
    loss, measure = _loss_and_metric(model, spec.task, metric)
    optimizer = keras.optimizers.SGD()
    optimizer.build(whole.trainable_variables)
    whole.compile(optimizer, loss=loss, metrics=[measure])
    return whole


def _loss_and_metric(
    model: keras.Model, task: Task, metric: str
) -> tuple[keras.losses.Loss | str, keras.metrics.Metric | str]:
    if task == "regression":
        return "mse", metric if metric in ("mae", "mse") else "root_mean_squared_error"
    kind, n_outputs = head(model)
    logits = kind == "logits"
    if n_outputs == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=logits)
        accuracy = keras.metrics.BinaryAccuracy(threshold=0.0 if logits else 0.5)
        nll = keras.metrics.BinaryCrossentropy(from_logits=logits)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        nll = keras.metrics.SparseCategoricalCrossentropy(from_logits=logits)
    return loss, accuracy if metric == "accuracy" else nll
