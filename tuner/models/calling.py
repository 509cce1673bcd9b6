"""A model on a few rows of its data: built there, and refused where the two do not fit."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tuner.data.dataset import Split
from tuner.data.keras_data import opened
from tuner.data.spec import Spec
from tuner.data.stored import in_memory
from tuner.data.streams import StreamedRows
from tuner.data.structure import describe, each, leaves, specs
from tuner.dropout.keras_internals import all_layers
from tuner.errors import UsageError, listed, with_place
from tuner.models.tasks import has_own_steps, loss_name

_MOST = 8


def telling_rows(part: Split) -> Split:
    """The first two rows of a part, and those with its largest and least whole numbers, as tensors.

    An id that is beyond a vocabulary, or a class beyond the outputs, is among them. Of a stream
    there are the first two.
    """
    given = (part.x, part.y) if part.weight is None else (part.x, part.y, part.weight)
    if isinstance(leaves(part.x)[0], StreamedRows):
        return Split(*next(iter(opened(part).take(2).padded_batch(2))))
    rows = sorted({0, min(1, part.n - 1), *_extremes(part)})[:_MOST]
    return Split(*each(lambda array: tf.convert_to_tensor(in_memory(array[rows])), given))


def _extremes(part: Split) -> Iterator[int]:
    for array in leaves((part.x, part.y)):
        if isinstance(array, np.ndarray) and array.dtype.kind in "iu":
            row_size = max(1, array[0].size)
            yield from (int(array.argmax()) // row_size, int(array.argmin()) // row_size)


def call(model: keras.Model, rows: Split, reference: str) -> Any:
    """What a model answers to these rows, which builds it where it was not.

    Raises UsageError with what the model raised, or where it keeps a state between batches.
    """
    refuse_stateful(model, reference)
    try:
        return model(rows.x, training=False)
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"model {reference!r} fails on rows of {describe(specs(rows.x))}: {with_place(error)}"
        ) from error


def refuse_stateful(model: keras.Model, reference: str) -> None:
    """Raise UsageError for RNNs whose state goes from a batch to the next."""
    rnns = (layer for layer in all_layers(model) if isinstance(layer, keras.layers.RNN))
    if names := [layer.name for layer in rnns if layer.stateful]:
        raise UsageError(
            f"model {reference!r} keeps the state of {listed(names)} from one batch to the next,"
            " and rows are shuffled here: leave stateful=True out, and give a row all steps that"
            " belong together"
        )


def check_answers(
    model: keras.Model, answers: Any, spec: Spec, rows: Split, reference: str
) -> None:
    """Raise UsageError where answers do not fit the targets, by shape or by the model's loss."""
    if not model.compiled:
        _check_uncompiled(answers, spec, reference)
    elif not has_own_steps(model):
        _check_compiled(model, answers, rows, reference)


def _check_uncompiled(answers: Any, spec: Spec, reference: str) -> None:
    if spec.task == "own" or not hasattr(answers, "shape"):
        raise UsageError(
            f"model {reference!r} answers {_shapes(answers)}, y is {describe(spec.targets)}:"
            " compile it with the loss that these have, model.compile(loss=...)"
        )
    shape = tuple(answers.shape)[1:]
    is_binary = spec.task == "classification" and spec.n_outputs == 2 and shape == (1,)
    if shape != (spec.n_outputs,) and not is_binary:
        what = {"classification": "classes", "multilabel": "labels"}.get(spec.task, "targets")
        is_number = spec.task == "classification" and shape == (1,)
        hint = ", or give --task regression" if is_number else ""
        raise UsageError(
            f"model {reference!r} has outputs of shape {(None, *shape)}, the data has"
            f" {spec.n_outputs} {what}: end the model with keras.layers.Dense(spec.n_outputs){hint}"
        )


def _check_compiled(model: keras.Model, answers: Any, rows: Split, reference: str) -> None:
    found, targets = keras.tree.flatten(answers), keras.tree.flatten(rows.y)
    said = f"model {reference!r} answers {_shapes(answers)}, y is {describe(specs(rows.y))}"
    if len(found) == len(targets) == 1 and loss_name(model.loss):
        answer, y = found[0], targets[0]
        if not _is_alike(tuple(answer.shape), tuple(y.shape)):
            raise UsageError(f"{said}: these do not fit")
    try:
        loss = model.compute_loss(rows.x, rows.y, answers, rows.weight)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{said}: its loss fails, {with_place(error)}") from error
    if loss is not None and np.isnan(np.asarray(loss)).any():
        raise UsageError(f"{said}: its loss is NaN before the first step")


def _is_alike(answer: tuple[int, ...], y: tuple[int, ...]) -> bool:
    """The same shape, or classes as numbers: without the last axis, or with one of 1."""
    return y in (answer, answer[:-1], (*answer[:-1], 1))


def _shapes(answers: Any) -> str:
    return " and ".join(str(tuple(a.shape)[1:]) for a in keras.tree.flatten(answers))
