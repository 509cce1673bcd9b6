"""What targets are taken for, in one line."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._targets import is_soft, is_whole
from tuner.data.spec import Task
from tuner.errors import listed

_TYPES = {"f": "whole numbers, ", "i": "whole numbers, ", "u": "whole numbers, "}
_HIDES = 10
"""Times that a target has to spread as much as another to hide its error."""


def said(y: Any, task: Task, classes: Sequence[str], *, is_asked: bool) -> str:
    """The task, and why; how to have another, unless it `is_asked` for by the study."""
    what, other = _what(y, task, classes)
    if is_asked:
        return f"task {task}, as the study says: {what}"
    return f"task {task}: {what}" + (f" (or --task {other})" if other else "")


def _what(y: Any, task: Task, classes: Sequence[str]) -> tuple[str, str]:
    """What y is, and the task that it could have too."""
    if not isinstance(y, np.ndarray) or task == "own":
        return "y goes to the loss of the model as it is", ""
    k = y.size // len(y)
    if task == "multilabel":
        return f"each row of y is {k} labels, 0 or 1", ""
    if task == "regression":
        other = "classification" if is_whole(y) and k == 1 else ""
        return f"each row of y is {k} numbers{_spreads(y)}" if k > 1 else "y is numbers", other
    if is_soft(y):
        return f"each row of y is the probabilities of {k} classes", ""
    kind = "one-hot, " if k > 1 else _TYPES.get(y.dtype.kind, "")
    other = "multilabel" if k > 1 else "regression" if kind else ""
    return f"y is {kind}{len(classes)} classes ({listed(classes, 5)})", other


def _spreads(y: NDArray[Any]) -> str:
    """By how much the spreads of columns of numbers differ, where one hides the others."""
    found = y.std(axis=0, dtype=float) if y.ndim == 2 else np.ones(1)
    found = found[found > 0]
    if not found.size or found.max() < _HIDES * found.min():
        return ""
    ratio = found.max() / found.min()
    return f", whose spreads differ {ratio:.3g} times: an error is mostly that of the widest"
