"""Keras's metrics by name, made for the answers that they are to judge; and a module's own."""

import inspect
from typing import Any

import keras

from tuner import importer
from tuner.errors import UsageError, one_line, unknown
from tuner.training.naming import METRICS, top_of


def of_keras(name: str, k: int, *, is_sparse: bool, is_one_of: bool) -> keras.metrics.Metric:
    """The metric of that name for answers over `k` classes, labels or numbers.

    `is_sparse`: the targets are whole numbers; `is_one_of`: the classes exclude each other.
    Of three classes or more F1 is the mean over them, AUC that of each against the others, and
    precision and recall are those of probabilities above one half.
    Raises UsageError where Keras has none, or needs to be told more.
    """
    if name == "nll":
        raise UsageError(
            "metric 'nll' needs a Sequential or functional model with an answer for each class or"
            ' target: metric = "loss" is the loss of its compile'
        )
    if name in ("accuracy", "acc"):
        return _accuracy(k, is_sparse=is_sparse, is_one_of=is_one_of)
    top = top_of(name)
    if top is not None:
        if top >= k:
            raise UsageError(f"metric {name!r}: of {k} classes that is always 1")
        return (
            keras.metrics.SparseTopKCategoricalAccuracy(top)
            if is_sparse
            else keras.metrics.TopKCategoricalAccuracy(top)
        )
    if name in ("auc", "auc_pr"):
        of_each = (
            {"multi_label": True, "num_labels": k} if k > 2 or (not is_one_of and k > 1) else {}
        )
        return keras.metrics.AUC(curve="PR" if name == "auc_pr" else "ROC", **of_each)
    if name in ("f1", "f1_score"):
        return keras.metrics.F1Score("macro", threshold=None if is_one_of and k > 2 else 0.5)
    if name in ("iou", "mean_iou", "mean_io_u"):
        return keras.metrics.MeanIoU(max(k, 2))
    return _by_name(METRICS[name].of_keras if name in METRICS else name)


def _accuracy(k: int, *, is_sparse: bool, is_one_of: bool) -> keras.metrics.Metric:
    if k == 1 or not is_one_of:
        return keras.metrics.BinaryAccuracy()
    return (
        keras.metrics.SparseCategoricalAccuracy()
        if is_sparse
        else keras.metrics.CategoricalAccuracy()
    )


def _by_name(name: str) -> keras.metrics.Metric:
    try:
        found = keras.metrics.get(name)
    except TypeError as error:
        raise UsageError(
            f"metric {name!r} has to be told more ({one_line(error)}): give it in compile(metrics="
            "[...]), or a module:function that makes it"
        ) from None
    except ValueError:
        found = None
    if found is None:
        raise UsageError(
            f"{unknown('metric', name, METRICS)}; or any of Keras's, or module:function"
        )
    return (
        found
        if isinstance(found, keras.metrics.Metric)
        else keras.metrics.MeanMetricWrapper(found, name=name)
    )


def of_module(reference: str) -> keras.metrics.Metric:
    """The metric that `module:function` names.

    A class of Keras's kind, what a function without parameters makes, or a function of (targets,
    answers) that gives a number for each row. Raises UsageError where it is something else.
    """
    found = importer.load(reference)
    if isinstance(found, keras.metrics.Metric):
        return type(found).from_config(found.get_config())
    if not callable(found):
        raise UsageError(f"metric {reference!r}: expected a function or a Metric, got {found!r}")
    if not _asked(found):
        found, made = found(), found
        if not isinstance(found, keras.metrics.Metric):
            raise UsageError(
                f"metric {reference!r}: {made.__name__} gave no Keras Metric, but {found!r}"
            )
        return found
    return keras.metrics.MeanMetricWrapper(found, name=getattr(found, "__name__", "metric"))


def _asked(function: Any) -> list[inspect.Parameter]:
    """The parameters that have to be given."""
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    given = inspect.signature(function).parameters.values()
    return [each for each in given if each.default is each.empty and each.kind not in variadic]
