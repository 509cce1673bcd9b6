"""Raw data -> checked rows: those of a search, and the test part apart from them."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner.data._arrays import Indices
from tuner.data._checking import check
from tuner.data._grouping import has_all_groups
from tuner.data._raw import RawData
from tuner.data._targets import codes_of, infer_task, is_soft, labels_of, refuse_new, refuse_numbers
from tuner.data._words import said
from tuner.data.dataset import Given
from tuner.data.parting import parted
from tuner.data.settings import DataSettings
from tuner.data.spec import Spec, Task
from tuner.data.splitting import Splitter
from tuner.data.structure import each, n_rows, shapes, specs
from tuner.data.tables import joined
from tuner.errors import UsageError


class Rows(NamedTuple):
    """Rows with the targets that they are judged by, those that are learned, weights, groups."""

    x: Any
    y: Any
    learned: Any
    weight: Any
    groups: Any

    def at(self, rows: Indices) -> "Rows":
        """Some of them."""
        return Rows(*each(lambda array: array[rows], tuple(self)))

    def joined(self, more: "Rows") -> "Rows":
        """These and then others."""
        return Rows(*each(joined, tuple(self), tuple(more)))


@dataclass(frozen=True)
class Sealed:
    """Checked rows: those of the search by index, and the test part apart."""

    raw: RawData
    rows: Rows
    spec: Spec
    given: Given
    splitter: Splitter
    searched: Indices
    test: Rows
    said: str


def sealed(raw: RawData, settings: DataSettings, split: int = 0, *, no_classes: str = "") -> Sealed:
    """Check rows and set their test part apart; another `split` than 0 draws that from all rows.

    Rows with `no_classes` are drawn whatever their targets. Raises UsageError where rows cannot be
    used.
    """
    source, size = settings.source, settings.split.test_split
    raw = parted(raw, settings.split, source)
    if split and not has_all_groups(raw):
        raise UsageError(f"{source}: a part has no groups, so that no other split can keep them")
    raw, given = check(raw, source, of_images=settings.of_images)
    task = settings.task or infer_task(raw.y)
    labels, spec = _understood(raw, task, source, are_known=not no_classes)
    learned = raw.y if raw.y_noisy is None else raw.y_noisy
    rows, validation, test = Rows(raw.x, raw.y, learned, raw.weight, raw.groups), None, None
    if raw.x_validation is not None:
        n = n_rows(rows.x)
        rows = rows.joined(_of_part(raw, "_validation"))
        validation = np.arange(n, n_rows(rows.x))
    if raw.x_test is not None:
        test = _of_part(raw, "_test")
    if split and test is not None:
        size = n_rows(test.x)
        rows, test = rows.joined(test), None
    if split:
        validation = None
    searched = np.arange(n_rows(rows.x))
    if validation is not None:
        searched = searched[: validation[0]]
    codes = None
    if labels is not None and not no_classes and not is_soft(rows.y):
        codes = codes_of(rows.y, labels)
    names = () if labels is None else tuple(map(str, labels))
    splitter = Splitter(codes, settings, split, rows.groups, validation, names)
    if test is None:
        searched, apart = splitter.sealed(searched, size)
        test = rows.at(apart)
    line = said(raw.y, task, names, is_asked=settings.task is not None)
    given = replace(given, labels=labels, no_classes=no_classes)
    return Sealed(raw, rows, spec, given, splitter, searched, test, line)


def _of_part(raw: RawData, part: str) -> Rows:
    x, y, weight, groups = raw.part(part)
    return Rows(x, y, y, weight, groups)


def _understood(
    raw: RawData, task: Task, source: str, *, are_known: bool
) -> tuple[NDArray[Any] | None, Spec]:
    """The classes, where there are any, and what a model has to know.

    Where they `are_known` no other part has one of its own.
    """
    labels, n_outputs = None, each(_n_outputs, raw.y)
    if task == "own":
        pass
    elif not isinstance(raw.y, np.ndarray):
        raise UsageError(f"{source}: a {task} needs y to be one array, got {shapes(raw.y)}")
    elif task == "classification":
        labels = labels_of(raw.y, source)
        n_outputs = raw.y.shape[1] if is_soft(raw.y) else len(labels)
        for part in raw.parts[1:] if are_known else ():
            refuse_new(raw.part(part)[1], labels, part[1:], source)
    else:
        refuse_numbers(raw.y, task, source)
        n_outputs = raw.y[0].size
    return labels, Spec(shapes(raw.x), n_outputs, task, specs(raw.x), specs(raw.y))


def _n_outputs(y: NDArray[Any]) -> int:
    """Of whole numbers the classes that they may be, of others the last axis."""
    if y.dtype.kind in "iu":
        return int(y.max()) + 1
    return y.shape[-1] if y.ndim > 1 else 1
