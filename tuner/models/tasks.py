"""The task of a model on its data: what its owner's loss says, where it is compiled."""

from typing import Any

import keras

from tuner.data.spec import RowSpec, Spec, Task

_OF_NUMBERS = {
    "mean_squared_error",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error",
    "huber",
    "huber_loss",
    "log_cosh",
    "poisson",
}
"""Losses whose targets are numbers, whatever numbers they are."""


def task_of(model: keras.Model, answers: Any, spec: Spec) -> tuple[Task, Any]:
    """The task and the number of outputs: those of the targets, or what the owner's loss says.

    "own" where the answers are not one row of classes, numbers or labels for each row.
    """
    y, task = spec.targets, spec.task
    if not model.compiled:
        return task, spec.n_outputs
    widths = keras.tree.map_structure(
        lambda a: int(a.shape[-1]) if len(a.shape) > 1 else 1, answers
    )
    is_row = hasattr(answers, "shape") and len(answers.shape) == 2
    if task == "own" or not is_row or not isinstance(y, RowSpec):
        return "own", widths
    k, width, name = int(answers.shape[1]), y.shape[-1] if y.shape else 1, loss_name(model.loss)
    if name.startswith("sparse_") and y.shape in ((), (1,)):
        return "classification", k if task == "regression" else spec.n_outputs
    if name == "binary_crossentropy" and k > 1 and task != "classification":
        return ("multilabel", k) if y.shape == (k,) else ("own", k)
    is_one_of_many = task == "classification" and k == 1 and spec.n_outputs > 2
    if y.dtype != "string" and (name in _OF_NUMBERS or is_one_of_many):
        return "regression", width
    return task, spec.n_outputs


def loss_name(loss: Any) -> str:
    """The name of a loss of Keras, "" of another."""
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    modules = (getattr(each, "__module__", "") or "" for each in (loss, type(loss)))
    if not any(module.partition(".")[0] == "keras" for module in modules):
        return ""
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", ""))
