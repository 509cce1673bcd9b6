"""Data larger than memory: tf.data.Datasets, which are read anew for every epoch."""

import functools
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tuner import importer
from tuner.data._arrays import Stream
from tuner.data._elements import (
    Seen,
    as_rows,
    described,
    is_dataset,
    is_shuffled,
    look,
    n_outputs_of,
    task_of,
)
from tuner.data.dataset import Dataset, Given, Split, TrainValidation, no_scaling
from tuner.data.forming import built_in, form_split, formed
from tuner.data.kinds import kinds_of
from tuner.data.settings import DataSettings
from tuner.data.spec import RowSpec, Spec
from tuner.data.structure import describe, leaves
from tuner.errors import UsageError

PARTS: tuple[str, str, str] = ("train", "validation", "test")
_SAMPLE = 100
Path = tuple[Any, ...]
"""Where an array is in an element of a stream: (0, "words") is x["words"]."""


@dataclass(frozen=True)
class StreamedRows:
    """The first n rows of an array of a part, [n, ...]: as one would say it, and where they are.

    `source` is the 'module:function' that gives them, so that other processes open them themselves.
    """

    source: str
    part: str
    path: Path
    shape: tuple[int | None, ...]
    dtype: str

    def __len__(self) -> int:
        return int(self.shape[0] or 0)

    def astype(self, dtype: str) -> "StreamedRows":
        """The same rows as another type."""
        return replace(self, dtype=dtype)

    def reshape(self, *shape: int) -> "StreamedRows":
        """The same rows in another shape, (n,) or (n, -1)."""
        size = math.prod(n or 0 for n in self.shape[1:])
        return replace(self, shape=(shape[0], *(size for _ in shape[1:])))

    def open(self) -> Stream:
        """The tf.data.Dataset of elements (x, y) or (x, y, weight), a row each."""
        first, *others = (_loaded(self.source)[name] for name in self.part.split("+"))
        return functools.reduce(lambda both, more: both.concatenate(more), others, first).take(
            len(self)
        )


def is_stream(value: Any) -> bool:
    """Whether a `load()` has given data sets of train, validation and test, which stay streams."""
    return (
        isinstance(value, Mapping)
        and set(value) == set(PARTS)
        and all(map(is_dataset, value.values()))
    )


def open_streams(
    loaded: Any, settings: DataSettings, parts: tuple[str, str, str] = PARTS
) -> Dataset:
    """The parts of a mapping train, validation, test -> data set of (x, y) or (x, y, weight).

    They are neither split nor standardized here, and read row by row where they come in batches;
    classes are whole numbers from 0. `parts` says which one is trained on, its first `train_size`
    rows where that is given, judged on, and sealed; "+" joins two. The targets of every part are
    read once. Raises UsageError where that is not what `loaded` is.
    """
    source = settings.source
    if settings.folds > 1 or settings.split.says_parts:
        raise UsageError(
            f"{source}: tf.data sets have been split: no folds, order, groups or parts"
        )
    rows = {name: as_rows(loaded[name]) for name in PARTS}
    element = _element(rows, source)
    seen = [look(rows[name]) for name in PARTS]
    if min(each.n for each in seen) == 0:
        raise UsageError(f"{source}: a part of the data is empty")
    x, y, *_ = element
    task = settings.task or task_of(y, seen)
    n_outputs = n_outputs_of(y, task, seen, source)
    counted = {name: each.n for name, each in zip(PARTS, seen, strict=True)}
    sizes = [sum(counted[each] for each in name.split("+")) for name in parts]
    sizes[0] = min(sizes[0], settings.split.train_size or sizes[0])
    train, judged, sealed = (
        _split(source, name, element, n) for name, n in zip(parts, sizes, strict=True)
    )
    given = Given()
    data = TrainValidation(
        train=train,
        validation=judged,
        spec=Spec(_map(lambda leaf, _: leaf.shape, x), n_outputs, task, x, y),
        scaling=no_scaling(),
        classes=tuple(map(str, range(n_outputs))) if task == "classification" else (),
        notes=(f"task {task}{', as the study says' if settings.task else ''}: y is {describe(y)}",),
        given=given,
        kinds=kinds_of(train.x),
    )
    if not settings.as_given:
        form = built_in(settings.split, train.x)
        data = formed(data, form)
        sealed = form_split(sealed, data, given, form)
    return Dataset(data, sealed, _fingerprint(rows, dict(zip(PARTS, seen, strict=True))))


def _element(rows: Mapping[str, Stream], source: str) -> Any:
    """What a row of every part is."""
    element, *others = (described(rows[name], f"{source}, {name}") for name in PARTS)
    for name, other in zip(PARTS[1:], others, strict=True):
        if other != element:
            raise UsageError(
                f"{source}: train has rows {describe(element)}, {name} {describe(other)}"
            )
    return element


def _split(source: str, part: str, element: Any, n: int) -> Split:
    def rows(spec: RowSpec, path: Path) -> StreamedRows:
        return StreamedRows(source, part, path, (n, *spec.shape), spec.dtype)

    x, y, *weight = _map(rows, element)
    return Split(x, y, *(each.reshape(n).astype("float32") for each in weight))


def _map(of: Callable[[Any, Path], Any], structure: Any, path: Path = ()) -> Any:
    """`of(leaf, path)` for each leaf of a structure."""
    if isinstance(structure, dict):
        return {name: _map(of, part, (*path, name)) for name, part in structure.items()}
    if isinstance(structure, tuple):
        return tuple(_map(of, part, (*path, n)) for n, part in enumerate(structure))
    return of(structure, path)


@functools.lru_cache(maxsize=2)
def _loaded(source: str) -> Mapping[str, Stream]:
    streams: Mapping[str, Any] = importer.load(source)()
    return {name: as_rows(stream) for name, stream in streams.items()}


def _fingerprint(rows: Mapping[str, Stream], seen: Mapping[str, Seen]) -> str:
    """From the sizes and the first rows of every part, or all targets of one that is shuffled."""
    digest = hashlib.sha256(str(tuple(part.n for part in seen.values())).encode())
    for name in PARTS:
        digest.update(str(rows[name].element_spec).encode())
        if is_shuffled(rows[name]):
            digest.update(str(seen[name].digest).encode())
            continue
        for element in rows[name].take(_SAMPLE).as_numpy_iterator():
            for array in leaves(element):
                digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]
