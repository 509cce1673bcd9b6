"""A trained model as a .keras file that takes rows as they were given."""

import os
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Scaling, TrainValidation
from tuner.data.scaling import is_far, restored
from tuner.data.structure import each
from tuner.dropout.keras_internals import all_layers, is_model
from tuner.dropout.rebuild import with_keras_layers
from tuner.errors import one_line
from tuner.models.arguments import only_what_is_taken
from tuner.training.batches import first_rows
from tuner.training.keras_training import compile_arguments
from tuner.training.losses import ends_in
from tuner.training.measures import make_measure
from tuner.training.owner import copy_of_optimizer, has_own, reported_by

_ROWS = 32
_OF_NUMBERS = {"mae": keras.metrics.MeanAbsoluteError, "mse": keras.metrics.MeanSquaredError}
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
        x = restored(x, scaling.mean, scaling.scale)
    try:
        classes = _classes_of_owner(model)
        with only_what_is_taken():
            opened = keras.saving.load_model(path, classes, compile=False, safe_mode=False)
        found = opened(x, training=False)
        if data.spec.task == "regression":
            found = (np.asarray(found, "float64") - scaling.y_mean) / scaling.y_scale
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
    judges = _judges(owner, data, metric) if owner.compiled else []
    is_whole = model is owner and data.scaling.mean is None and not is_numbers
    if owner.compiled and is_whole and not judges:
        return model
    inputs, outputs = _around(model, data.scaling, data, is_numbers=is_numbers)
    whole = keras.Model(inputs, outputs)
    if owner.compiled:
        given = {**compile_arguments(owner), "optimizer": copy_of_optimizer(owner.optimizer)}
        whole.compile(
            **given | ({"metrics": [*(given["metrics"] or ()), *judges]} if judges else {})
        )
    else:
        answers = model(first_rows(data.train, _ROWS)[0], training=False)
        loss, measure = _loss_and_metric(model, answers, data, metric)
        whole.compile(keras.optimizers.SGD(), loss=loss, metrics=[measure])
    whole.optimizer.build(whole.trainable_variables)
    return whole


def _judges(owner: keras.Model, data: TrainValidation, metric: str) -> list[keras.metrics.Metric]:
    """The metric of the study, where the compile of a graph with one output has another."""
    x, y, *_ = first_rows(data.train, _ROWS)
    answers = owner(x, training=False)
    given = compile_arguments(owner)["metrics"]
    is_plain = given is None or isinstance(given, list | tuple)
    if metric == "loss" or ":" in metric or not is_plain or len(keras.tree.flatten(answers)) > 1:
        return []
    if not is_model(owner) or has_own(owner, "train_step", "test_step", "compute_loss"):
        return []
    if metric in reported_by(owner, y, answers):
        return []
    return [make_measure(owner, metric, ((x, y), answers), lambda values: values).metric]


def _around(
    model: keras.Model, scaling: Scaling, data: TrainValidation, *, is_numbers: bool
) -> tuple[Any, Any]:
    """The inputs of rows as they were given, and the answers in their own units."""
    if scaling.mean is None or scaling.scale is None:
        inputs = keras.tree.map_structure(_input, data.spec.inputs)
        outputs = model(_filled(inputs, data.fill))
    else:
        dtype = _dtype(scaling.mean, scaling.scale)
        inputs = keras.Input(data.spec.input_shape, dtype=dtype, name="rows")
        scale = 1 / scaling.scale
        scaled = keras.layers.Rescaling(scale, -scaling.mean * scale, dtype=dtype)(
            _filled(inputs, data.fill)
        )
        outputs = model(keras.ops.cast(scaled, "float32") if dtype == "float64" else scaled)
    if is_numbers:
        dtype = _dtype(scaling.y_mean, scaling.y_scale)
        outputs = keras.layers.Rescaling(scaling.y_scale, scaling.y_mean, dtype=dtype)(outputs)
    return inputs, outputs


def _filled(inputs: Any, fill: Any) -> Any:
    """What is missing (NaN) of rows becomes what it was in the training."""

    def of(tensor: keras.KerasTensor, row: Any) -> keras.KerasTensor:
        if "float" not in tensor.dtype:
            return tensor
        known = row.reshape(1, *tensor.shape[1:]).astype(tensor.dtype)
        return keras.ops.where(keras.ops.isnan(tensor), known, tensor)

    return inputs if fill is None else each(of, inputs, fill)


def _dtype(mean: Any, scale: Any) -> str:
    """Float64 where float32 has too few digits for numbers of that mean and deviation."""
    return "float64" if is_far(mean, scale) else "float32"


def _input(row: Any) -> keras.KerasTensor:
    return keras.Input(row.shape, dtype=row.dtype)


def _loss_and_metric(
    model: keras.Model, answers: Any, data: TrainValidation, metric: str
) -> tuple[keras.losses.Loss | str, keras.metrics.Metric | str]:
    spec = data.spec
    if spec.task == "regression":
        dtype = _dtype(data.scaling.y_mean, data.scaling.y_scale)
        measure = _OF_NUMBERS.get(metric, keras.metrics.RootMeanSquaredError)
        return keras.losses.MeanSquaredError(dtype=dtype), measure(dtype=dtype)
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
