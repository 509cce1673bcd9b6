"""Data larger than memory: tf.data.Datasets, which are read anew for every epoch."""

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner import importer
from tuner.data._arrays import ElementSpec, Stream
from tuner.data.dataset import Dataset, Scaling, Split, TrainValidation
from tuner.data.settings import DataSettings
from tuner.data.spec import Spec
from tuner.data.structure import specs
from tuner.errors import UsageError

PARTS: tuple[str, str, str] = ("train", "validation", "test")
_SAMPLE = 100


@dataclass(frozen=True)
class StreamedRows:
    """The first n rows x or y of a part, [n, ...]: as an array would say it, and where they are.

    `source` is the 'module:function' that gives them, so that other processes open them themselves.
    """

    source: str
    part: str
    shape: tuple[int, ...]
    dtype: str

    def __len__(self) -> int:
        return self.shape[0]

    def open(self) -> Stream:
        """The tf.data.Dataset of pairs (x, y), unbatched."""
        first, *others = (_loaded(self.source)[name] for name in self.part.split("+"))
        return functools.reduce(lambda both, more: both.concatenate(more), others, first).take(
            len(self)
        )


def is_stream(value: Any) -> bool:
    """Whether a `load()` has given tf.data.Datasets by part, or one without."""
    values = value.values() if isinstance(value, Mapping) else [value]
    return any(hasattr(each, "element_spec") for each in values)


def open_streams(
    loaded: Any, settings: DataSettings, parts: tuple[str, str, str] = PARTS
) -> Dataset:
    """The parts of a mapping train, validation, test -> tf.data.Dataset of (x, y), unbatched.

    They are neither split nor standardized here; classes are whole numbers from 0. `parts` says
    which one is trained on, its first `train_size` rows where that is given, judged on, and sealed;
    "+" joins two. Every part is read once. Raises UsageError where that is not what `loaded` is.
    """
    source = settings.source
    if settings.folds > 1 or settings.split.order == "time":
        raise UsageError(f"{source}: tf.data sets have been split: no folds, and no order of rows")
    if not isinstance(loaded, Mapping) or set(loaded) != set(PARTS):
        raise UsageError(
            f"{source}: tf.data sets come as a mapping of {', '.join(PARTS)} to datasets of (x, y)"
        )
    (x_spec, y_spec), *_ = [_pair(loaded[name], f"{source}, {name}") for name in PARTS]
    task = settings.task or ("classification" if y_spec.dtype.is_integer else "regression")
    sizes, labels = zip(*(_read(loaded[name], task) for name in PARTS), strict=True)
    if min(sizes) == 0:
        raise UsageError(f"{source}: a part of the data is empty")
    is_classes, n_targets = task == "classification", int(np.prod(y_spec.shape, dtype=int))
    if is_classes and n_targets != 1:
        raise UsageError(f"{source}: expected one class a row, got y of shape {y_spec.shape}")
    n_outputs = max(labels) + 1 if is_classes else n_targets
    shape, kind = ((), "int32") if is_classes else ((n_targets,), "float32")
    counted = dict(zip(PARTS, sizes, strict=True))
    most = (settings.split.train_size, None, None)
    train, judged, sealed = (
        Split(
            x=StreamedRows(source, name, (n, *x_spec.shape), "float32"),
            y=StreamedRows(source, name, (n, *shape), kind),
        )
        for name, at_most in zip(parts, most, strict=True)
        for there in [sum(counted[each] for each in name.split("+"))]
        for n in [there if at_most is None else min(there, at_most)]
    )
    data = TrainValidation(
        train=train,
        validation=judged,
        spec=Spec(tuple(x_spec.shape), n_outputs, task, specs(train.x), specs(train.y)),
        scaling=_none(x_spec.shape[-1], 1 if is_classes else n_targets),
        classes=tuple(map(str, range(n_outputs))) if is_classes else (),
    )
    return Dataset(data, sealed, _fingerprint(loaded, sizes))


@functools.lru_cache(maxsize=2)
def _loaded(source: str) -> Mapping[str, Stream]:
    streams: Mapping[str, Stream] = importer.load(source)()
    return streams


def _pair(dataset: Stream, where: str) -> tuple[ElementSpec, ElementSpec]:
    spec = getattr(dataset, "element_spec", None)
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise UsageError(f"{where}: expected a dataset of pairs (x, y), got {spec}")
    x, y = spec
    if x.shape.rank is None or x.shape.rank < 1 or None in (*x.shape, *(y.shape or ())):
        raise UsageError(
            f"{where}: expected rows of a known shape, unbatched, got x {x.shape} and y {y.shape}"
        )
    return x, y


def _read(dataset: Stream, task: str) -> tuple[int, int]:
    """How many rows there are, and the largest class."""
    n, most = 0, 0
    for y in dataset.map(lambda x, y: y).batch(1024).as_numpy_iterator():
        n += len(y)
        if task == "classification":
            most = max(most, int(np.max(y)))
    return n, most


def _none(n_features: int, n_targets: int) -> Scaling:
    """No standardization."""
    zeros, ones = np.zeros(n_features, "float32"), np.ones(n_features, "float32")
    return Scaling(zeros, ones, np.zeros(n_targets, "float32"), np.ones(n_targets, "float32"))


def _fingerprint(loaded: Mapping[str, Stream], sizes: tuple[int, ...]) -> str:
    """From the sizes and the first rows of every part."""
    digest = hashlib.sha256(str(sizes).encode())
    for name in PARTS:
        digest.update(str(loaded[name].element_spec).encode())
        for x, y in loaded[name].take(_SAMPLE).as_numpy_iterator():
            digest.update(np.ascontiguousarray(x).tobytes() + np.ascontiguousarray(y).tobytes())
    return digest.hexdigest()[:16]
