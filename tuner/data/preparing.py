"""Raw data -> a Dataset: checked and split, and in the form that a built-in model takes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tuner.data._arrays import Indices
from tuner.data._checking import check
from tuner.data._grouping import has_all_groups
from tuner.data._raw import RawData
from tuner.data._targets import (
    codes_of,
    infer_task,
    is_soft,
    labels_of,
    refuse_new,
    refuse_numbers,
)
from tuner.data._words import said
from tuner.data.dataset import Dataset, Given, Split, TrainValidation, no_scaling
from tuner.data.fingerprint import fingerprint
from tuner.data.forming import built_in, form_split, formed
from tuner.data.imputing import completed, filled
from tuner.data.kinds import kinds_of
from tuner.data.parting import marked, parted
from tuner.data.settings import DataSettings
from tuner.data.spec import RowSpec, Spec, Task
from tuner.data.splitting import Splitter
from tuner.data.structure import describe, each, n_rows, shapes, specs
from tuner.data.tables import Table, joined
from tuner.errors import UsageError, listed


class _Rows(NamedTuple):
    """Rows with the targets that they are judged by, those that are learned, weights, groups."""

    x: Any
    y: Any
    learned: Any
    weight: Any
    groups: Any

    def at(self, rows: Indices) -> "_Rows":
        return _Rows(*each(lambda array: array[rows], tuple(self)))

    def joined(self, more: "_Rows") -> "_Rows":
        return _Rows(*each(joined, tuple(self), tuple(more)))


@dataclass(frozen=True)
class _Parts:
    """Checked rows: those of the search by index, and the test part apart."""

    raw: RawData
    rows: _Rows
    spec: Spec
    given: Given
    splitter: Splitter
    searched: Indices
    test: _Rows
    said: str


def prepare(raw: RawData, settings: DataSettings) -> Dataset:
    """Check and split, in folds too; of data that are not `as_given`, standardize each fold."""
    raw = marked(raw, settings.split, settings.source)
    parts = _parts(raw, settings)
    first, *later = (
        _data(parts, parts.rows.at(train), parts.rows.at(judged))
        for train, judged in parts.splitter.folds(parts.searched)
    )
    return _dataset(raw, settings, replace(first, later_folds=tuple(later)), parts)


def prepare_final(raw: RawData, settings: DataSettings, split: int = 0) -> Dataset:
    """The parts after a search: trained on its rows, or `train_size` of them, judged on the test.

    What a search has as its validation part is the test part here. Another `split` than 0 draws all
    parts anew, of the same sizes, from all rows: also where the data bring a test part.
    """
    if split and settings.split.split == "ordered":
        raise UsageError(f"{settings.source}: rows in time order have one split, and no others")
    raw = marked(raw, settings.split, settings.source)
    parts = _parts(raw, settings, split)
    train = parts.rows.at(parts.splitter.final(parts.searched))
    return _dataset(raw, settings, _data(parts, train, parts.test), parts)


def _dataset(raw: RawData, settings: DataSettings, data: TrainValidation, parts: _Parts) -> Dataset:
    test_x = parts.test.x if data.fill is None else filled(parts.test.x, data.fill)
    test = Split(test_x, parts.test.y, parts.test.weight)
    if not settings.as_given:
        _refuse_unbuilt(data.spec, parts.given.no_matrix, settings.source)
        form = built_in(settings.split, data.train.x)
        data = formed(data, form)
        test = form_split(test, data, parts.given, form)
    return Dataset(data, test, fingerprint(raw))


def _refuse_unbuilt(spec: Spec, no_matrix: str, source: str) -> None:
    """Raise UsageError for what no built-in model takes."""
    if no_matrix:
        raise UsageError(f"{source}: {no_matrix}")
    what = None
    if not isinstance(spec.inputs, RowSpec):
        what = f"several arrays a row ({describe(spec.inputs)})"
    elif spec.inputs.dtype == "string":
        what = "text"
    elif spec.input_shape == ():
        what = "one number a row without an axis (x[:, None] has one)"
    elif spec.task == "own":
        what = f"targets of shape {describe(spec.targets)}"
    if what is not None:
        which = "give --model text, or yours" if what == "text" else "give --model yours"
        raise UsageError(f"{source}: the built-in models do not take {what}: {which}")


def _parts(raw: RawData, settings: DataSettings, split: int = 0) -> _Parts:
    source, size = settings.source, settings.split.test_split
    raw = parted(raw, settings.split, source)
    if split and not has_all_groups(raw):
        raise UsageError(f"{source}: a part has no groups, so that no other split can keep them")
    raw, given = check(raw, source, of_images=settings.of_images)
    task = settings.task or infer_task(raw.y)
    labels, spec = _understood(raw, task, source)
    learned = raw.y if raw.y_noisy is None else raw.y_noisy
    rows, validation, test = _Rows(raw.x, raw.y, learned, raw.weight, raw.groups), None, None
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
    codes = None if labels is None or is_soft(rows.y) else codes_of(rows.y, labels)
    names = () if labels is None else tuple(map(str, labels))
    splitter = Splitter(codes, settings, split, rows.groups, validation, names)
    if test is None:
        searched, sealed = splitter.sealed(searched, size)
        test = rows.at(sealed)
    line = said(raw.y, task, names, is_asked=settings.task is not None)
    given = replace(given, labels=labels)
    return _Parts(raw, rows, spec, given, splitter, searched, test, line)


def _of_part(raw: RawData, part: str) -> _Rows:
    x, y, weight, groups = raw.part(part)
    return _Rows(x, y, y, weight, groups)


def _understood(raw: RawData, task: Task, source: str) -> tuple[NDArray[Any] | None, Spec]:
    """The classes, where there are any, and what a model has to know."""
    labels, n_outputs = None, each(_n_outputs, raw.y)
    if task == "own":
        pass
    elif not isinstance(raw.y, np.ndarray):
        raise UsageError(f"{source}: a {task} needs y to be one array, got {shapes(raw.y)}")
    elif task == "classification":
        labels = labels_of(raw.y, source)
        n_outputs = raw.y.shape[1] if is_soft(raw.y) else len(labels)
        for part in raw.parts[1:]:
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


def _data(parts: _Parts, train: _Rows, judged: _Rows) -> TrainValidation:
    """The rows to train on, and those to judge on beside them, as they were given."""
    labels = parts.given.labels
    x, judged_x, fill = completed(train.x, judged.x, lacks=parts.given.lacks)
    return TrainValidation(
        train=Split(x, train.learned, train.weight),
        validation=Split(judged_x, judged.y, judged.weight),
        spec=replace(parts.spec, x=x.columns if isinstance(x, Table) else x),
        scaling=no_scaling(),
        classes=() if labels is None else tuple(map(str, labels)),
        features=parts.raw.features,
        notes=(parts.said, *parts.raw.notes, *_never_trained(train.learned, judged.y, labels)),
        given=parts.given,
        fill=fill,
        kinds=kinds_of(train.x),
    )


def _never_trained(learned: Any, judged: Any, labels: Any) -> Iterator[str]:
    """What rows in time order may bring: classes that nobody could have learned."""
    if labels is None or is_soft(learned) or is_soft(judged):
        return
    new = np.setdiff1d(codes_of(judged, labels), codes_of(learned, labels))
    if new.size:
        which = listed([str(labels[code]) for code in new], 3)
        yield f"judged, and in no row that is trained on: class {which}"
