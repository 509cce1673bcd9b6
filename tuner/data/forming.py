"""Rows as they were given -> what a network is trained on: picked out, encoded, standardized."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tuner.data._targets import codes_of, is_soft, numbers_of
from tuner.data.dataset import Given, Scaling, Split, TrainValidation, no_scaling
from tuner.data.kinds import are_pixels
from tuner.data.precision import check_range, check_targets, notes_of_file, notes_on
from tuner.data.scaling import mean_one, moments, standardized
from tuner.data.settings import SplitSettings
from tuner.data.spec import Spec, Task
from tuner.data.stored import is_array
from tuner.data.structure import each, is_text, shapes, specs
from tuner.data.tables import Table
from tuner.errors import UsageError

_WIDE = ("float64", "longdouble", "float128")


Standardize = bool | Literal["pixels"]


@dataclass(frozen=True)
class Form:
    """What a network takes: what `rows` picks out of x, with numbers standardized or not.

    Of "pixels" that is to divide bytes by 255.

    With `floats` whole numbers become floats, and rows that `weigh` get weights of mean 1. Targets
    stay `as_given`, but for the names of classes, where the compile of a model takes them.
    """

    rows: Callable[[Any], Any]
    standardize: Standardize = False
    standardize_targets: bool = False
    floats: bool = False
    as_given: bool = False
    weigh: bool = False


def as_matrix(x: Any) -> Any:
    """The rows of a table as a matrix; other rows as they are."""
    return x.matrix if isinstance(x, Table) else x


def standardized_how(split: SplitSettings, x: Any) -> Standardize:
    """What is done to numbers where nothing speaks against it: bytes of images are divided."""
    if split.standardize == "pixels" and not are_pixels(x):
        raise UsageError('training.standardize: "pixels" is for images of bytes')
    if split.standardize is not None:
        return split.standardize
    return "pixels" if are_pixels(x) else True


def built_in(split: SplitSettings, x: Any) -> Form:
    """What the models that come with the package take: floats, standardized if nothing is said."""
    return Form(
        as_matrix,
        standardize=standardized_how(split, x),
        standardize_targets=split.standardize_targets is not False,
        floats=True,
        weigh=True,
    )


def formed(
    data: TrainValidation, form: Form, task: Task | None = None, n_outputs: Any = None
) -> TrainValidation:
    """The parts of every fold in that form, standardized by the rows that it trains on.

    Task and number of outputs are those of the data where none are given. Data that have been
    formed stay as they are.
    """
    if data.given is None:
        return data
    spec = data.spec if task is None else replace(data.spec, task=task, n_outputs=n_outputs)
    first, *later = (_formed(fold, form, spec) for fold in data.folds)
    return replace(first, later_folds=tuple(later))


def form_split(part: Split, data: TrainValidation, given: Given, form: Form) -> Split:
    """Another part of data that have been `formed`, in the same form and with their scaling."""
    return _scaled(_picked(part, given, data.spec.task, form), form, data.scaling, given.source)


def _formed(data: TrainValidation, form: Form, spec: Spec) -> TrainValidation:
    assert data.given is not None  # noqa: S101
    given, source = data.given, data.given.source
    picked, judged = (
        _picked(part, given, spec.task, form) for part in (data.train, data.validation)
    )
    scaling = _fit(picked, spec.task, form)
    train, validation = (_scaled(part, form, scaling, source) for part in (picked, judged))
    if spec.task == "regression" and not form.as_given:
        check_targets(picked.y, train.y, source)
    notes = (*notes_on(picked.x, train.x, "x", data.features), *notes_on(picked.y, train.y, "y"))
    return replace(
        data,
        train=train,
        validation=validation,
        spec=replace(
            spec,
            input_shape=shapes(train.x),
            inputs=specs(train.x),
            targets=specs(train.y),
            x=train.x,
        ),
        scaling=scaling,
        classes=data.classes if spec.task == data.spec.task else (),
        notes=(*data.notes, *notes, *notes_of_file(scaling)),
        given=None,
        fill=None if data.fill is None else form.rows(data.fill),
    )


def _picked(part: Split, given: Given, task: Task, form: Form) -> Split:
    y = part.y
    if task == "classification" and (not form.as_given or has_names(y)):
        y = _classes(y, given)
    elif not form.as_given and task in ("regression", "multilabel"):
        y = numbers_of(y)
    return Split(form.rows(part.x), y, part.weight)


def has_names(y: Any) -> bool:
    """Whether classes are no whole numbers, and no shares: text, yes and no, or 0.0 and 1.0."""
    is_column = len(y.shape) == 1 or y.shape[1] == 1
    return is_text(y) or (is_column and "int" not in str(y.dtype))


def _classes(y: Any, given: Given) -> Any:
    if given.labels is None:  # of a stream
        return y.reshape(len(y)).astype("int32") if len(y.shape) == 1 or y.shape[1] == 1 else y
    return y if is_soft(y) else codes_of(y, given.labels)


def _fit(part: Split, task: Task, form: Form) -> Scaling:
    n_targets = part.y.shape[-1] if task == "regression" and len(part.y.shape) > 1 else 1
    scaling = no_scaling(n_targets)
    if form.standardize and is_array(part.x):
        mean, scale = _pixels(part.x) if form.standardize == "pixels" else moments(part.x)
        scaling = replace(scaling, mean=mean, scale=scale)
    if form.standardize_targets and task == "regression" and isinstance(part.y, np.ndarray):
        mean, scale = moments(part.y)
        scaling = replace(scaling, y_mean=mean, y_scale=scale)
    return scaling


def _pixels(x: Any) -> tuple[Any, Any]:
    k = x.shape[-1]
    return np.zeros(k), np.full(k, 255.0)


def _scaled(part: Split, form: Form, scaling: Scaling, source: str) -> Split:
    if scaling.mean is not None and scaling.scale is not None:
        x = standardized(part.x, scaling.mean, scaling.scale)
    else:
        x = each(_to_float if form.floats else _narrow, part.x)
    if _is_scaled(scaling):
        y = standardized(part.y, scaling.y_mean, scaling.y_scale)
    else:
        y = each(_narrow, part.y)
    check_range(part.x, x, "x", source)
    check_range(part.y, y, "y", source)
    return Split(x, y, mean_one(part.weight, source) if form.weigh else part.weight)


def _is_scaled(scaling: Scaling) -> bool:
    """Whether targets are standardized."""
    return bool(scaling.y_mean.any() or (scaling.y_scale != 1).any())


def _narrow(array: Any) -> Any:
    """64 bits of a float, or more, become 32, in which networks compute."""
    return _to_float(array) if str(array.dtype) in _WIDE else array


def _to_float(array: Any) -> Any:
    with np.errstate(over="ignore"):  # what is too large is refused by its name
        return array.astype("float32")
