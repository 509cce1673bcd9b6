"""Targets: which task they make, and classes as numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._arrays import LARGEST, GivenTargets
from tuner.data.spec import Task
from tuner.errors import UsageError

_MAX_CLASSES = 100
_EXACT = 2**53
_ROUNDING = 1e-3
TEXT = "OSUT"


def infer_task(y: Any) -> Task:
    """The task that targets make; "own" where they are several arrays, or have more than 2 axes."""
    if not isinstance(y, np.ndarray) or y.ndim not in (1, 2):
        return "own"
    if y.ndim == 2 and y.shape[1] > 1:
        if y.dtype.kind in TEXT:
            return "own"
        if are_shares(y):
            return "classification"
        return "multilabel" if np.isin(y, (0, 1)).all() else "regression"
    are_classes = y.dtype.kind in (*TEXT, "b") or _are_few(y)
    return "classification" if are_classes else "regression"


def _are_few(y: GivenTargets) -> bool:
    """Whether numbers are whole, and so few that they are classes: each twice on average."""
    if not is_whole(y):
        return False
    n = len(np.unique(y))
    return n <= min(_MAX_CLASSES, max(2, y.size // 2))


def is_whole(y: GivenTargets) -> bool:
    """Whether all numbers are whole, of whichever type they are."""
    if y.dtype.kind != "f":
        return y.dtype.kind in "iu"
    return bool((y == np.round(y)).all() and np.abs(y).max(initial=0) < _EXACT)


def may_be_numbers(y: Any) -> bool:
    """Whether a loss could take one target a row for a number, class or not."""
    is_column = isinstance(y, np.ndarray) and y.size == len(y)
    return is_column and y.dtype.kind in "fiu"


def are_shares(y: GivenTargets) -> bool:
    """Whether each row has the probabilities of its classes: one of them 1, or soft labels."""
    if y.ndim != 2 or y.shape[1] < 2 or y.dtype.kind not in "fiub":
        return False
    whole = y.astype("float32") if y.dtype.kind == "b" else y
    return bool((whole >= 0).all() and (np.abs(whole.sum(axis=1) - 1) < _ROUNDING).all())


def is_soft(y: GivenTargets) -> bool:
    """Whether rows are probabilities, and not all of them one class for sure."""
    return are_shares(y) and not np.isin(y, (0, 1)).all()


def labels_of(y: GivenTargets, source: str) -> NDArray[Any]:
    """The classes of targets, in order. Raises UsageError where they are not one class a row."""
    if y.ndim > 2 or (y.ndim == 2 and y.shape[1] > 1 and not are_shares(y)):
        raise UsageError(
            f"{source}: a classification needs one class a row, got y of shape {y.shape}"
            " (--task multilabel is for several a row)"
        )
    classes = np.unique(_labels(y))
    if len(classes) < 2:
        raise UsageError(f"{source}: only one class ({classes[0]!s}): nothing to tell apart")
    return classes


def codes_of(y: GivenTargets, classes: NDArray[Any]) -> NDArray[np.int32]:
    """The place of each label among the classes, [n] int32."""
    return np.searchsorted(classes, _labels(y)).astype("int32")


def refuse_new(y: GivenTargets, classes: NDArray[Any], part: str, source: str) -> None:
    """Raise UsageError where another part than the training part has a class of its own."""
    new = set(_labels(y).tolist()) - set(classes.tolist())
    if new:
        raise UsageError(f"{source}: class {sorted(map(str, new))[0]!r} is only in the {part} part")


def numbers_of(y: Any) -> Any:
    """Targets as rows of numbers, [n, k], in float64; those of a stream in float32."""
    return y.reshape(len(y), -1).astype("float64" if isinstance(y, np.ndarray) else "float32")


def refuse_numbers(y: GivenTargets, task: Task, source: str) -> None:
    """Raise UsageError where targets are none of a regression, or of several labels a row."""
    if y.dtype.kind not in "fiub":
        raise UsageError(f"{source}: a {task} needs numbers as targets, got {y.dtype}")
    if task == "regression" and y.ndim > 2:
        raise UsageError(f"{source}: a regression needs y of (rows,) or (rows, k), got {y.shape}")
    if task == "multilabel" and (y.ndim != 2 or not np.isin(y, (0, 1)).all()):
        raise UsageError(
            f"{source}: several labels a row are a matrix of 0 and 1, got {y.dtype} {y.shape}"
        )
    if (largest := float(np.abs(y).max())) > LARGEST:
        raise UsageError(
            f"{source}: y is too large for float32 ({largest:.3g}): give it in a larger unit"
        )
    if (y == y.flat[0]).all():
        raise UsageError(f"{source}: every target is {y.flat[0]}: nothing to learn")


def _labels(y: GivenTargets) -> GivenTargets:
    if y.ndim == 2 and y.shape[1] > 1:
        return np.asarray(np.argmax(y, axis=1))
    flat = y.reshape(len(y))
    if flat.dtype.kind in "OST":
        return np.array([each.decode() if isinstance(each, bytes) else str(each) for each in flat])
    return flat.astype("int64") if flat.dtype.kind == "f" and is_whole(flat) else flat
