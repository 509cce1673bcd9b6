"""Raw data -> a Dataset: checked, split and standardized."""

import hashlib
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from tuner.data._arrays import GivenRows, GivenTargets, Indices, Moments, Targets
from tuner.data._raw import RawData
from tuner.data._targets import encode, infer_task
from tuner.data.dataset import Dataset, Scaling, Split, TrainValidation
from tuner.data.settings import DataSettings
from tuner.data.spec import Spec, Task
from tuner.data.splitting import Splitter
from tuner.data.structure import specs
from tuner.errors import UsageError

_ROUNDING = 1e-12
_Checked = tuple[GivenRows, GivenTargets, GivenRows | None, GivenTargets | None]


class _Rows(NamedTuple):
    """Rows with the targets that they are judged by, and those that are learned from them."""

    x: GivenRows
    y: Targets
    learned: Targets


@dataclass(frozen=True)
class _Parts:
    """Checked rows: those of the search by index, and the test part apart."""

    rows: _Rows
    task: Task
    classes: tuple[str, ...]
    splitter: Splitter
    searched: Indices
    test: _Rows

    def at(self, rows: Indices) -> _Rows:
        return _Rows(*(array[rows] for array in self.rows))


def prepare(raw: RawData, settings: DataSettings) -> Dataset:
    """Check, split, in folds too, and standardize each by the rows that it trains on."""
    parts = _parts(raw, settings)
    first, *later = (
        _data(raw, settings, parts, parts.at(train), parts.at(judged))
        for train, judged in parts.splitter.folds(parts.searched)
    )
    test = _apply(first.scaling, parts.test.x, parts.test.y, parts.task)
    return Dataset(replace(first, later_folds=tuple(later)), test, _fingerprint(raw))


def prepare_final(raw: RawData, settings: DataSettings, split: int = 0) -> Dataset:
    """The parts after a search: trained on its rows, or `train_size` of them, judged on the test.

    What a search has as its validation part is the test part here. Another `split` than 0 draws all
    parts anew, of the same sizes, from all rows: also where the data bring a test part.
    """
    if split and settings.split.order == "time":
        raise UsageError(f"{settings.source}: rows in time order have one split, and no others")
    parts = _parts(raw, settings, split)
    train = parts.at(parts.splitter.final(parts.searched))
    data = _data(raw, settings, parts, train, parts.test)
    return Dataset(data, data.validation, _fingerprint(raw))


def _parts(raw: RawData, settings: DataSettings, split: int = 0) -> _Parts:
    source, size = settings.source, settings.split.test_split
    x, y, x_test, y_test = _check(raw, source)
    task = settings.task or infer_task(y)
    y, y_test, classes = encode(y, y_test, task, source)
    rows = _Rows(x, y, _learned(raw, y, task, source))
    test = None if x_test is None or y_test is None else _Rows(x_test, y_test, y_test)
    if split and test is not None:
        size = len(test.x)
        rows, test = _Rows(*map(np.concatenate, zip(rows, test, strict=True))), None
    splitter, searched = Splitter(rows.y, task, settings, split), np.arange(len(rows.x))
    if test is None:
        searched, sealed = splitter.sealed(searched, size)
        test = _Rows(*(array[sealed] for array in rows))
    return _Parts(rows, task, classes, splitter, searched, test)


def _learned(raw: RawData, y: Targets, task: Task, source: str) -> Targets:
    """The targets to train on, encoded: those of the rows, or the noisy ones beside them."""
    noisy = raw.y_noisy
    if noisy is None:
        return y
    if noisy.shape != raw.y.shape or not np.isin(noisy, raw.y).all():
        raise UsageError(f"{source}: y_noisy must have a value of y for each row of y")
    return encode(raw.y, noisy, task, source)[1]  # type: ignore[return-value]


def _data(
    raw: RawData, settings: DataSettings, parts: _Parts, train: _Rows, judged: _Rows
) -> TrainValidation:
    """Standardize by the rows to train on, and keep those to judge on beside them."""
    x, y = train.x, train.learned
    task, classes = parts.task, parts.classes
    scaling = _fit(x, y, task, settings.split.standardize)
    n_outputs = len(classes) if task == "classification" else y.shape[1]
    fitted = _apply(scaling, x, y, task)
    return TrainValidation(
        train=fitted,
        validation=_apply(scaling, judged.x, judged.y, task),
        spec=Spec(tuple(x.shape[1:]), n_outputs, task, specs(fitted.x), specs(fitted.y)),
        scaling=scaling,
        classes=classes,
        features=raw.features,
    )


def _check(raw: RawData, source: str) -> _Checked:
    x, x_test = _as_rows(raw.x), None if raw.x_test is None else _as_rows(raw.x_test)
    pairs = [(x, raw.y)] + ([] if x_test is None or raw.y_test is None else [(x_test, raw.y_test)])
    if any(rows.shape[1:] != x.shape[1:] for rows, _ in pairs):
        raise UsageError(f"{source}: rows of x and of the test part differ in shape")
    if any(targets.shape[1:] != raw.y.shape[1:] for _, targets in pairs):
        raise UsageError(f"{source}: y and that of the test part differ in shape")
    for rows, targets in pairs:
        if targets.ndim not in (1, 2):
            raise UsageError(
                f"{source}: y must have shape (rows,) or (rows, k), got {targets.shape}"
            )
        if rows.ndim < 2 or rows.dtype.kind not in "fiub":
            raise UsageError(
                f"{source}: x must be numbers of shape (rows, ...), got {rows.dtype} {rows.shape}"
            )
        if len(rows) != len(targets) or len(rows) == 0:
            raise UsageError(f"{source}: {len(rows)} rows of x, {len(targets)} of y")
        for name, array in (("x", rows), ("y", targets)):
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                bad = int((~np.isfinite(array)).sum())
                raise UsageError(f"{source}: {bad} values of {name} are NaN or infinite")
    return x, raw.y, x_test, raw.y_test


def _as_rows(x: GivenRows) -> GivenRows:
    """Grey images (rows, height, width) of bytes get a channel axis; the rest stays as it is."""
    return x[..., None] if x.dtype == np.uint8 and x.ndim == 3 else x


def _fit(x: GivenRows, y: Targets, task: Task, standardize: bool) -> Scaling:
    axes = tuple(range(x.ndim - 1))
    last = x.shape[-1]
    mean = np.mean(x, axis=axes, dtype="float64") if standardize else np.zeros(last)
    scale = np.std(x, axis=axes, dtype="float64") if standardize else np.ones(last)
    regression = task == "regression"
    y_mean = y.mean(axis=0, dtype="float64") if regression else np.zeros(1)
    y_scale = y.std(axis=0, dtype="float64") if regression else np.ones(1)
    pairs = ((mean, scale), (y_mean, y_scale))
    values = (value for pair in pairs for value in (pair[0], _usable(*pair)))
    return Scaling(*(value.astype("float32") for value in values))


def _usable(mean: Moments, scale: Moments) -> Moments:
    """The scale, or 1 for a column that is constant but for rounding."""
    return np.where(scale > _ROUNDING * np.abs(mean), scale, 1)


def _apply(scaling: Scaling, x: GivenRows, y: Targets, task: Task) -> Split:
    rows = (x.astype("float32") - scaling.mean) / scaling.scale
    targets = (y - scaling.y_mean) / scaling.y_scale if task == "regression" else y
    return Split(np.ascontiguousarray(rows), np.ascontiguousarray(targets))


def _fingerprint(raw: RawData) -> str:
    digest = hashlib.sha256()
    for array in (raw.x, raw.y, raw.x_test, raw.y_test, raw.y_noisy):
        if array is not None:
            stable = array.astype("U") if array.dtype.kind in "OT" else array
            digest.update(f"{stable.dtype.str}{stable.shape}".encode())
            digest.update(np.ascontiguousarray(stable).tobytes())
    return digest.hexdigest()[:16]
