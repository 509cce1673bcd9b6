"""Targets: which task they make, and classes as numbers."""

import numpy as np

from tuner.data._arrays import GivenTargets, Targets
from tuner.data.spec import Task
from tuner.errors import UsageError

_MAX_CLASSES = 100


def infer_task(y: GivenTargets) -> Task:
    one_hot = y.ndim == 2 and y.shape[1] > 1 and np.isin(y, (0, 1)).all() and (y.sum(1) == 1).all()
    names_or_counts = y.dtype.kind in "OSUTb" or (
        y.dtype.kind in "iu" and y[0].size == 1 and len(np.unique(y)) <= _MAX_CLASSES
    )
    return "classification" if one_hot or names_or_counts else "regression"


def encode(
    y: GivenTargets, y_test: GivenTargets | None, task: Task, source: str
) -> tuple[Targets, Targets | None, tuple[str, ...]]:
    if task == "regression":
        if y.dtype.kind not in "fiub":
            raise UsageError(f"{source}: a regression needs numbers as targets, got {y.dtype}")
        targets = [
            None if a is None else a.reshape(len(a), -1).astype("float32") for a in (y, y_test)
        ]
        if (y == y.flat[0]).all():
            raise UsageError(f"{source}: every target is {y.flat[0]}: nothing to learn")
        return targets[0], targets[1], ()  # type: ignore[return-value]
    classes, codes = np.unique(_labels(y), return_inverse=True)
    if len(classes) < 2:
        raise UsageError(f"{source}: only one class ({classes[0]!s}): nothing to tell apart")
    codes_test = None
    if y_test is not None:
        labels_test = _labels(y_test)
        new = set(labels_test.tolist()) - set(classes.tolist())
        if new:
            raise UsageError(
                f"{source}: class {sorted(map(str, new))[0]!r} is only in the test part"
            )
        codes_test = np.searchsorted(classes, labels_test).astype("int32")
    return codes.astype("int32"), codes_test, tuple(str(name) for name in classes)


def _labels(y: GivenTargets) -> GivenTargets:
    if y.ndim == 2 and y.shape[1] > 1:
        return np.asarray(np.argmax(y, axis=1))
    flat = y.reshape(len(y))
    return flat.astype(str) if flat.dtype.kind in "OST" else flat
