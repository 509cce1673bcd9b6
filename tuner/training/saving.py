"""A trained model as a .keras file that takes rows as they were given."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Scaling, TrainValidation
from tuner.data.scaling import dtype_for, restored
from tuner.data.structure import each
from tuner.dropout.keras_internals import all_layers
from tuner.dropout.rebuild import with_keras_layers
from tuner.errors import listed, one_line
from tuner.models.arguments import only_what_is_taken
from tuner.training.batches import first_rows
from tuner.training.compiling import judges, loss_and_metric
from tuner.training.keras_training import compile_arguments
from tuner.training.owner import copy_of_optimizer

_ROWS = 32
_LIBRARIES = ("keras.", "tuner.")
_NOISY = (
    "best.keras answers with the mean of noisy passes, for which Keras has no layer:"
    " tuner.load_model opens it, or keras.saving.load_model after import tuner.dropout"
)


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
        whole = _whole(plain, owner, data, metric)
        with _uncompiled(whole):
            whole.save(temporary)
    temporary.replace(path)


def trouble_with(path: Path, model: keras.Model, data: TrainValidation) -> str | None:
    """What is to be said of the file of a trained model: it is opened, and has to answer alike."""
    x = x_given = first_rows(data.validation, _ROWS)[0]
    answers, classes = model(x, training=False), _classes_of_owner(model)
    scaling = data.scaling
    if scaling.mean is not None:
        x = restored(x, scaling.mean, scaling.scale)
    try:
        with only_what_is_taken():
            opened = keras.saving.load_model(path, classes, compile=False, safe_mode=False)
        found = opened(x, training=False)
        if data.spec.task == "regression":
            found = (np.asarray(found, "float64") - scaling.y_mean) / scaling.y_scale
    except Exception as error:  # noqa: BLE001 (whatever a user's layer raises when it is made again)
        return f"best.keras opens with the code that made it only: {one_line(error)}"
    if _are_close(found, answers):
        return _NOISY if any(hasattr(layer, "passes") for layer in all_layers(model)) else None
    if not _are_close(model(x_given, training=False), answers):
        return "whether best.keras is the model that was trained is not known: both draw in answers"
    said = "best.keras answers otherwise than the model that was trained"
    if not classes:
        return said
    made = listed(sorted(classes), 5)
    return (
        f"{said}, probably as {made} make layers of their own: write them as tuner best --code says"
    )


def _are_close(found: Any, answers: Any) -> bool:
    pairs = zip(keras.tree.flatten(found), keras.tree.flatten(answers), strict=True)
    return all(np.allclose(_array(one), _array(other), 1e-3, 1e-4) for one, other in pairs)


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
    others = judges(owner, data, metric) if owner.compiled else []
    is_whole = model is owner and data.scaling.mean is None and not is_numbers
    if owner.compiled and is_whole and not others:
        return model
    inputs, outputs = _around(model, data.scaling, data, is_numbers=is_numbers)
    whole = keras.Model(inputs, outputs)
    if owner.compiled:
        given = {**compile_arguments(owner), "optimizer": copy_of_optimizer(owner.optimizer)}
        whole.compile(
            **given | ({"metrics": [*(given["metrics"] or ()), *others]} if others else {})
        )
    else:
        answers = model(first_rows(data.train, _ROWS)[0], training=False)
        loss, measure = loss_and_metric(model, answers, data, metric)
        whole.compile(keras.optimizers.SGD(), loss=loss, metrics=[measure])
    whole.optimizer.build(whole.trainable_variables)
    return whole


@contextlib.contextmanager
def _uncompiled(whole: keras.Model) -> Iterator[None]:
    """Have no model inside of one be compiled for now: Keras opens the file by all of them."""
    inside = [
        layer
        for layer in all_layers(whole)
        if layer is not whole and isinstance(layer, keras.Model) and layer.compiled
    ]
    for model in inside:
        model.compiled = False
    try:
        yield
    finally:
        for model in inside:
            model.compiled = True


def _around(
    model: keras.Model, scaling: Scaling, data: TrainValidation, *, is_numbers: bool
) -> tuple[Any, Any]:
    """The inputs of rows as they were given, and the answers in their own units."""
    if scaling.mean is None or scaling.scale is None:
        inputs = keras.tree.map_structure(_input, data.spec.inputs)
        outputs = model(_filled(inputs, data.fill))
    else:
        dtype = dtype_for(scaling.mean, scaling.scale)
        inputs = keras.Input(data.spec.input_shape, dtype=dtype, name="rows")
        scale = 1 / scaling.scale
        scaled = keras.layers.Rescaling(scale, -scaling.mean * scale, dtype=dtype)(
            _filled(inputs, data.fill)
        )
        outputs = model(keras.ops.cast(scaled, "float32") if dtype == "float64" else scaled)
    if is_numbers:
        dtype = dtype_for(scaling.y_mean, scaling.y_scale)
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


def _input(row: Any) -> keras.KerasTensor:
    return keras.Input(row.shape, dtype=row.dtype)
