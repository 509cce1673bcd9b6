"""The task of a model on its data: what its owner's loss says, where it is compiled."""

from typing import Any

import keras
import numpy as np

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


def has_own_steps(model: keras.Model) -> bool:
    """Whether a model computes its loss itself, so that only its owner knows what it takes."""
    own = type(model)
    return (
        own.train_step is not keras.Model.train_step
        or own.compute_loss is not keras.Model.compute_loss
    )


def task_of(model: keras.Model, answers: Any, spec: Spec, y: Any) -> tuple[Task, Any]:
    """The task and the number of outputs: those of the targets y, or what the owner's loss says.

    "own" where the answers are not one row of classes, numbers or labels for each row.
    """
    targets, task = spec.targets, spec.task
    if not model.compiled:
        return task, spec.n_outputs
    if task == "classification" and isinstance(targets, RowSpec) and _are_floats(targets):
        task = "regression"  # whole ones too: only a loss can tell that an owner means classes
    is_row = hasattr(answers, "shape") and len(answers.shape) == 2
    if task == "own" or not is_row or not isinstance(targets, RowSpec):
        return "own", keras.tree.map_structure(_width, answers)
    k, name, is_column = _width(answers), loss_name(model.loss), targets.shape in ((), (1,))
    if name.startswith("sparse_") and is_column:
        return "classification", k if task == "regression" else spec.n_outputs
    if name == "binary_crossentropy" and task != "classification":
        are_labels = task == "multilabel" or _are_flags(y)
        if k > 1:  # shares, as of the pixels of an image, have no labels that could be right
            return "multilabel" if are_labels and targets.shape == (k,) else "own", k
        if are_labels and is_column:
            return "classification", 2
    is_one_of_many = task == "classification" and k == 1 and spec.n_outputs > 2
    if targets.dtype != "string" and (name in _OF_NUMBERS or is_one_of_many):
        task = "regression"
    if task == "regression" and has_own_steps(model) and targets.shape != (k,):
        return "own", k
    return task, k if task == "regression" else spec.n_outputs


def _are_floats(targets: RowSpec) -> bool:
    return "float" in targets.dtype and targets.shape in ((), (1,))


def _width(answer: Any) -> int:
    return int(answer.shape[-1]) if len(answer.shape) > 1 else 1


def _are_flags(y: Any) -> bool:
    return isinstance(y, np.ndarray) and bool(np.isin(y, (0, 1)).all())


def loss_name(loss: Any) -> str:
    """The name of a loss of Keras, "" of another."""
    if isinstance(loss, str):
        loss = keras.losses.get(loss)
    modules = (getattr(each, "__module__", "") or "" for each in (loss, type(loss)))
    if not any(module.partition(".")[0] == "keras" for module in modules):
        return ""
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", ""))
