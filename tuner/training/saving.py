"""A trained model as a .keras file that takes rows as they were given."""

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Scaling, TrainValidation
from tuner.data.spec import Spec
from tuner.dropout.keras_internals import all_layers
from tuner.dropout.rebuild import with_keras_layers
from tuner.errors import one_line
from tuner.training.batches import first_rows
from tuner.training.keras_training import compile_arguments
from tuner.training.losses import ends_in
from tuner.training.owner import copy_of_optimizer

_ROWS = 32
_LIBRARIES = ("keras.", "tuner.")


def save_model(
    model: keras.Model, owner: keras.Model, data: TrainValidation, metric: str, path: Path
) -> None:
    """Save `model` with the standardization around it, compiled so that it can be evaluated.

    The compile is that of its `owner`, where there is one. The file appears whole or not at all.
    Our layers become Keras's own with their last rates. Keras has no density of targets: where that
    is the metric, it is the root of the mean squared error.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    with with_keras_layers(model) as plain:
        _whole(plain, owner, data, metric).save(temporary)
    temporary.replace(path)


def trouble_with(path: Path, model: keras.Model, data: TrainValidation) -> str | None:
    """What is wrong with the file of a trained model: it is opened, and has to answer the same."""
    x = first_rows(data.validation, _ROWS)[0]
    answers = model(x, training=False)
    scaling = data.scaling
    if scaling.mean is not None:
        x = x * scaling.scale + scaling.mean
    if data.spec.task == "regression":
        answers = answers * scaling.y_scale + scaling.y_mean
    try:
        classes = _classes_of_owner(model)
        opened = keras.saving.load_model(path, classes, compile=False, safe_mode=False)
        found = opened(x, training=False)
    except Exception as error:  # noqa: BLE001 (whatever a user's layer raises when it is made again)
        return f"best.keras opens with the code that made it only: {one_line(error)}"
    pairs = zip(keras.tree.flatten(found), keras.tree.flatten(answers), strict=True)
    if all(np.allclose(_array(one), _array(other), 1e-3, 1e-4) for one, other in pairs):
        return None
    return "best.keras answers otherwise than the model that was trained"


def _classes_of_owner(model: keras.Model) -> dict[str, type]:
    """The classes of a model that are neither Keras's nor ours, by name."""
    kinds = {type(layer) for layer in all_layers(model)}
    return {each.__name__: each for each in kinds if not each.__module__.startswith(_LIBRARIES)}


def _array(answers: Any) -> Any:
    return np.asarray(tf.cast(answers, tf.float32))


def _whole(
    model: keras.Model, owner: keras.Model, data: TrainValidation, metric: str
) -> keras.Model:
    """`model` with the standardization around it, compiled."""
    is_numbers = data.spec.task == "regression"
    if owner.compiled and model is owner and data.scaling.mean is None and not is_numbers:
        return model
    inputs, outputs = _around(model, data.scaling, data, is_numbers=is_numbers)
    whole = keras.Model(inputs, outputs)
    if owner.compiled:
        given = {**compile_arguments(owner), "optimizer": copy_of_optimizer(owner.optimizer)}
        whole.compile(**given)
    else:
        answers = model(first_rows(data.train, _ROWS)[0], training=False)
        loss, measure = _loss_and_metric(model, answers, data.spec, metric)
        whole.compile(keras.optimizers.SGD(), loss=loss, metrics=[measure])
    whole.optimizer.build(whole.trainable_variables)
    return whole


def _around(
    model: keras.Model, scaling: Scaling, data: TrainValidation, *, is_numbers: bool
) -> tuple[Any, Any]:
    """The inputs of rows as they were given, and the answers in their own units."""
    if scaling.mean is None or scaling.scale is None:
        inputs = keras.tree.map_structure(_input, data.spec.inputs)
        outputs = model(inputs)
    else:
        inputs = keras.Input(data.spec.input_shape, name="rows")
        variance = np.square(scaling.scale)
        scaled = keras.layers.Normalization(mean=scaling.mean, variance=variance)(inputs)
        outputs = model(scaled)
    if is_numbers:
        outputs = keras.layers.Rescaling(scaling.y_scale, scaling.y_mean)(outputs)
    return inputs, outputs


def _input(row: Any) -> keras.KerasTensor:
    return keras.Input(row.shape, dtype=row.dtype)


def _loss_and_metric(
    model: keras.Model, answers: Any, spec: Spec, metric: str
) -> tuple[keras.losses.Loss | str, keras.metrics.Metric | str]:
    if spec.task == "regression":
        return "mse", metric if metric in ("mae", "mse") else "root_mean_squared_error"
    kind, n_outputs = ends_in(model, lambda: answers)
    logits = kind == "logits"
    if spec.task == "multilabel":
        each = {"multi_label": True, "num_labels": n_outputs, "from_logits": logits}
        return keras.losses.BinaryCrossentropy(from_logits=logits), keras.metrics.AUC(**each)
    if n_outputs == 1:
        loss = keras.losses.BinaryCrossentropy(from_logits=logits)
        accuracy = keras.metrics.BinaryAccuracy(threshold=0.0 if logits else 0.5)
        nll = keras.metrics.BinaryCrossentropy(from_logits=logits)
    elif spec.targets.shape:  # a probability for each class
        loss = keras.losses.CategoricalCrossentropy(from_logits=logits)
        accuracy = keras.metrics.CategoricalAccuracy(name="accuracy")
        nll = keras.metrics.CategoricalCrossentropy(from_logits=logits)
    else:
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=logits)
        accuracy = keras.metrics.SparseCategoricalAccuracy(name="accuracy")
        nll = keras.metrics.SparseCategoricalCrossentropy(from_logits=logits)
    return loss, nll if metric == "nll" else accuracy
