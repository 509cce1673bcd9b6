"""What a saved model is compiled with, so that Keras evaluates it as the search did."""

import contextlib
from typing import Any

import keras
import numpy as np

from tuner.data.dataset import TrainValidation
from tuner.data.scaling import dtype_for
from tuner.dropout.keras_internals import is_model
from tuner.training.batches import first_rows
from tuner.training.keras_training import compile_arguments
from tuner.training.losses import ends_in
from tuner.training.measures import Measure, make_measure
from tuner.training.owner import Rows, has_own, reported_by

_ROWS = 32
_OF_NUMBERS = {"mae": keras.metrics.MeanAbsoluteError, "mse": keras.metrics.MeanSquaredError}


def judges(owner: keras.Model, data: TrainValidation, metric: str) -> list[keras.metrics.Metric]:
    """The metric of the study, where the compile of a graph with one output has another.

    Without those for which Keras would have to be given targets in another form.
    """
    x, y, *_ = first_rows(data.train, _ROWS)
    answers = owner(x, training=False)
    given = compile_arguments(owner)["metrics"]
    is_plain = given is None or isinstance(given, list | tuple)
    is_one = is_plain and len(keras.tree.flatten(answers)) == 1
    if metric == "loss" or ":" in metric or not is_one:
        return []
    if not is_model(owner) or has_own(owner, "train_step", "test_step", "compute_loss"):
        return []
    if metric in reported_by(owner, y, answers):
        return []
    if metric == "nll":
        return [loss_and_metric(owner, answers, data, metric)[1]]
    measure = make_measure(owner, metric, ((x, y), answers), lambda values: values)
    return [measure.metric] if _takes_as_given(measure, (x, y), answers) else []


def _takes_as_given(measure: Measure, rows: Rows, answers: Any) -> bool:
    """Whether the metric of targets and answers as they are is that of the search."""
    measure.update(rows, answers)
    found = measure.result()
    measure.reset()
    with contextlib.suppress(Exception):  # whatever Keras raises of targets in another form
        measure.metric.update_state(rows[1], answers)
        again = np.mean(measure.metric.result())
        measure.reset()
        return np.allclose(again, found, equal_nan=True)
    return False


def loss_and_metric(
    model: keras.Model, answers: Any, data: TrainValidation, metric: str
) -> tuple[keras.losses.Loss, keras.metrics.Metric]:
    """Those of the task, for the `answers` of a model whose owner has not compiled it."""
    spec = data.spec
    if spec.task == "regression":
        dtype = dtype_for(data.scaling.y_mean, data.scaling.y_scale)
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
