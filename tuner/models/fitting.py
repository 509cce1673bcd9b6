"""Data as a model takes them: which of its arrays, standardized or not, and what was decided."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tuner.data.dataset import Given, TrainValidation
from tuner.data.forming import Form, Standardize, formed, has_names, standardized_how
from tuner.data.kinds import PIXELS, are_pixels
from tuner.data.settings import SplitSettings
from tuner.data.spec import Task
from tuner.data.stored import StoredRows, in_memory, is_array
from tuner.data.structure import leaves
from tuner.dropout.graph import last_function
from tuner.errors import UsageError, listed
from tuner.models.calling import call, check_answers, telling_rows
from tuner.models.inputs import check_shapes, inputs_of, left_out, rows_for
from tuner.models.preprocessing import reason_to_leave
from tuner.models.saying import decided
from tuner.models.tasks import has_own_steps, task_of

_SOME = 10_000
_ACTIVATIONS = {name.replace("_", "") for name in dir(keras.activations)} - {"linear"}


@dataclass(frozen=True)
class Fitted:
    """Data in the form that a model takes, what is standardized of them, and why, a line each."""

    data: TrainValidation
    standardize: Standardize
    standardize_targets: bool | None
    notes: tuple[str, ...] = ()


def fit(
    model: keras.Model,
    data: TrainValidation,
    split: SplitSettings,
    source: str,
    reference: str,
    *,
    keeps_weights: bool = False,
) -> Fitted:
    """Decide what `model` gets of `data`, and try it on a few rows.

    `source` and `reference` are what data and model are called; weights that a training begins with
    have seen rows as they are. Raises UsageError where the two do not fit.
    """
    given = data.given
    if given is None:
        return _of_ours(data, split)
    rows = rows_for(model, data.train.x, source, given.no_matrix)
    x = rows(data.train.x)
    check_shapes(model, x, source)
    reason = _reason_to_leave(model, x, given, keeps_weights=keeps_weights)
    standardize = _standardizes(split, x, reason, source)
    as_given = Form(rows, standardize, as_given=True)
    first = formed(data, as_given)
    answers = call(model, telling_rows(first.train), reference)
    task, n_outputs = _task_of(model, answers, data, given)
    of_targets = _standardizes_targets(model, data.train.y, task, split)
    is_owners = model.compiled and (task != "regression" or has_own_steps(model))
    scaled = bool(of_targets)
    form = Form(rows, standardize, scaled, as_given=bool(is_owners), weigh=not model.compiled)
    whole = formed(data, form, task, n_outputs)
    for part in (whole.train, whole.validation):
        tried = telling_rows(part)
        check_answers(model, call(model, tried, reference), whole.spec, tried, reference)
    how = (data, x, standardize, reason, of_targets, split)
    notes = (
        *_told_of_task(data, whole),
        *decided(*how, is_compiled=model.compiled),
        *_told_of_names(model, data, x, task),
    )
    return Fitted(whole, standardize, of_targets, notes)


def _of_ours(data: TrainValidation, split: SplitSettings) -> Fitted:
    """Data that have been formed for a model that comes with the package."""
    of_targets = None
    if data.spec.task == "regression":
        of_targets = split.standardize_targets is not False
    is_stream = not all(is_array(array) for array in leaves(data.train.x))
    standardize: Standardize = split.standardize is not False
    if data.scaling.mean is not None and split.standardize in (None, "pixels"):
        is_pixels = any(kind.startswith(PIXELS) for _, kind in data.kinds)
        standardize = "pixels" if is_pixels else True
    done = False if is_stream else standardize
    reason = "they are a stream" if is_stream else None
    told = decided(data, data.train.x, done, reason, of_targets and not is_stream, split)
    return Fitted(data, standardize, of_targets or None, (*data.notes, *told))


def _task_of(
    model: keras.Model, answers: Any, data: TrainValidation, given: Given
) -> tuple[Task, Any]:
    """The task and the number of outputs. Raises UsageError where what is too rare is a class."""
    task, n_outputs = task_of(model, answers, data.spec, data.train.y)
    if task == "classification" and given.no_classes:
        raise UsageError(given.no_classes)
    return task, n_outputs


def _reason_to_leave(
    model: keras.Model, x: Any, given: Given, *, keeps_weights: bool
) -> str | None:
    """Why rows stay as they are, in words."""
    if not is_array(x):
        is_stream = not all(is_array(array) for array in leaves(x))
        return "they are a stream" if is_stream else "they are several arrays"
    if not _is_numeric(x):
        return "they are text"
    if x.dtype.kind != "f" and not are_pixels(x):
        return "they are whole numbers"
    if keeps_weights:
        return "the weights of the model are kept"
    if model.compiled and not given.is_file:
        return "the model is compiled"
    return reason_to_leave(model, in_memory(x[:_SOME] if isinstance(x, StoredRows) else x))


def _standardizes(split: SplitSettings, x: Any, reason: str | None, source: str) -> Standardize:
    """As the study says, or else not where there is a reason to leave rows as they are."""
    is_left = split.standardize is None and reason is not None
    found = False if is_left else standardized_how(split, x)
    if found and not _is_numeric(x):
        raise UsageError(f"standardize = true: rows of {source!r} are not one array of numbers")
    return found


def _is_numeric(x: Any) -> bool:
    return is_array(x) and x.dtype.kind in "fiub"


def _standardizes_targets(
    model: keras.Model, y: Any, task: Task, split: SplitSettings
) -> bool | None:
    """Whether targets are standardized, which only a model that ends without bounds can learn."""
    if task != "regression":
        return None
    if not isinstance(y, np.ndarray):
        return False
    if split.standardize_targets is not None:
        return split.standardize_targets
    has_open_end = inputs_of(model) is not None and last_function(model) not in _ACTIVATIONS
    return has_open_end and not model.compiled


def _told_of_task(data: TrainValidation, whole: TrainValidation) -> tuple[str, ...]:
    """The notes of the data, the first of which is their task."""
    if whole.spec.task == data.spec.task:
        return whole.notes
    return (
        f"task {whole.spec.task}, as the loss and the outputs of the model say",
        *whole.notes[1:],
    )


def _told_of_names(model: keras.Model, data: TrainValidation, x: Any, task: Task) -> Iterator[str]:
    """Columns that the model does not take, and the numbers that classes have."""
    if unread := left_out(data.train.x, x):
        yield f"columns that the model does not take: {listed(unread)}"
    if model.compiled and task == "classification" and has_names(data.train.y):
        yield f"classes are numbers in the order of their names: {listed(data.classes)}"
