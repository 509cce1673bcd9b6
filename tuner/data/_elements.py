"""Elements of data sets, of tf.data or Keras: a row each, and what their targets are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner import importer
from tuner.data._arrays import Stream
from tuner.data._targets import are_shares
from tuner.data.shuffled import digest_of, in_own_order
from tuner.data.spec import RowSpec, Task
from tuner.data.structure import each, leaves
from tuner.errors import UsageError

_BATCH = 1024
_MOST_BYTES = 2**31
_ENDLESS = -1
_FORMS = "a mapping of train, validation, test to data sets (x, y), of train and test, or one alone"


def is_dataset(value: Any) -> bool:
    """Whether it is a tf.data.Dataset, or a PyDataset of Keras."""
    return hasattr(value, "element_spec") or _is_of_keras(value)


def as_rows(dataset: Any) -> Stream:
    """A tf.data.Dataset of a row each; a batch of rows is taken apart."""
    if _is_of_keras(dataset):
        return importer.load("tuner.data.keras_data:as_stream")(dataset)
    rows = dataset.unbatch() if _is_batched(dataset) else dataset
    return rows.map(lambda *element: each(_dense, element))


def _is_of_keras(value: Any) -> bool:
    return all(hasattr(value, name) for name in ("__getitem__", "__len__", "on_epoch_end"))


def _is_batched(dataset: Any) -> bool:
    """Whether it was batched on the way, or, where that is not to be seen, looks like it."""
    shapes = [spec.shape for spec in leaves(dataset.element_spec)]
    if any(shape.rank == 0 for shape in shapes):
        return False
    while dataset is not None:
        name = type(dataset).__name__
        if "Batch" in name:
            return "Unbatch" not in name
        dataset = getattr(dataset, "_input_dataset", None)
    return all(shape.rank is None or shape[0] is None for shape in shapes)


def is_shuffled(dataset: Any) -> bool:
    """Whether a tf.data.Dataset, or one that it reads, is shuffled."""
    if "Shuffle" in type(dataset).__name__:
        return True
    return any(map(is_shuffled, getattr(dataset, "_inputs", list)()))


def _dense(value: Any) -> Any:
    return value.to_tensor() if hasattr(value, "to_tensor") else value


def described(rows: Stream, where: str) -> tuple[Any, ...]:
    """RowSpecs of x and y, and of the weight where there is one.

    Raises UsageError without y, and where rows have no end.
    """
    if int(rows.cardinality()) == _ENDLESS:
        raise UsageError(
            f"{where}: the data set has no end: leave its repeat() out, each epoch reads it anew"
        )
    spec = rows.element_spec
    if not isinstance(spec, tuple) or len(spec) not in (2, 3):
        raise UsageError(f"{where}: expected a dataset of pairs (x, y), got {spec}")
    if any(leaf.shape.rank is None for leaf in leaves(spec)):
        raise UsageError(f"{where}: expected rows of a known number of axes, got {spec}")
    found: tuple[Any, ...] = each(lambda leaf: RowSpec(tuple(leaf.shape), leaf.dtype.name), spec)
    if len(found) == 3 and (not isinstance(found[2], RowSpec) or found[2].shape not in ((), (1,))):
        raise UsageError(f"{where}: the third of a row is its weight, got {spec[2]}")
    return found


@dataclass(frozen=True)
class Seen:
    """The targets of a part: how many rows, the largest whole number, and what k of a row are.

    Their `digest` is that of a part which is shuffled, else 0.
    """

    n: int
    largest: int
    are_shares: bool
    are_flags: bool
    digest: int = 0


def look(rows: Stream) -> Seen:
    """Read the targets of a part once."""
    n, largest, shares, flags, digest, shuffled = 0, 0, True, True, 0, is_shuffled(rows)
    specs = leaves(rows.element_spec[1])
    if len(specs) != 1 or None in specs[0].shape:
        return Seen(sum(1 for _ in rows), 0, False, False)
    for (y,) in _targets(rows):
        n += len(y)
        is_matrix = y.ndim == 2 and y.shape[1] > 1
        shares = shares and is_matrix and are_shares(y)
        flags = flags and is_matrix and bool(np.isin(y, (0, 1)).all())
        if y.dtype.kind in "iu" and y.size:
            largest = max(largest, int(y.max()))
        digest += digest_of(y) if shuffled else 0
    return Seen(n, largest, shares, flags, digest)


def _targets(rows: Stream) -> Any:
    return rows.map(lambda *element: tuple(leaves(element[1]))).batch(_BATCH).as_numpy_iterator()


def task_of(targets: Any, seen: list[Seen]) -> Task:
    """The task that the targets of a stream make; "own" where they are several, or of more axes."""
    if not isinstance(targets, RowSpec) or len(targets.shape) > 1 or None in targets.shape:
        return "own"
    if targets.shape in ((), (1,)):
        return "classification" if "int" in targets.dtype else "regression"
    if all(each.are_shares for each in seen):
        return "classification"
    return "multilabel" if all(each.are_flags for each in seen) else "regression"


def n_outputs_of(targets: Any, task: Task, seen: list[Seen], source: str) -> Any:
    """Classes, targets or labels; of whole numbers the classes that they may be."""
    if task == "own" and not isinstance(targets, RowSpec):
        return each(lambda spec: spec.shape[-1] if spec.shape else 1, targets)
    largest = max(each.largest for each in seen)
    if task == "own":
        return largest + 1 if "int" in targets.dtype else targets.shape[-1]
    size = int(np.prod(targets.shape, dtype=int))
    if task == "classification" and size == 1:
        return largest + 1
    if task == "classification" and not all(each.are_shares for each in seen):
        raise UsageError(f"{source}: expected one class a row, got y of shape {targets.shape}")
    return size


def arrays_of(loaded: Any, source: str) -> Any:
    """What a `load()` gave, with data sets that have to be split here read into arrays: once.

    That is one alone, or one of training and one of test. Raises UsageError where there are others,
    or more than 2 GiB.
    """
    if is_dataset(loaded):
        return _read(loaded, source)
    parts = loaded
    if isinstance(loaded, Mapping):
        parts = [loaded.get(name) for name in ("train", "test")] if len(loaded) == 2 else ()
        if any(map(is_dataset, loaded.values())) and not (parts and all(map(is_dataset, parts))):
            raise UsageError(f"{source}: expected {_FORMS}, got {', '.join(map(str, loaded))}")
    if isinstance(parts, tuple | list) and len(parts) == 2 and all(map(is_dataset, parts)):
        return tuple(_read(part, source) for part in parts)
    return loaded


def _read(dataset: Any, source: str) -> tuple[Any, ...]:
    """The arrays of a data set: (x, y) or (x, y, weight)."""
    rows = as_rows(dataset)
    described(rows, source)
    elements, n_bytes = [], 0
    for element in rows.as_numpy_iterator():
        elements.append(element)
        n_bytes += sum(np.asarray(leaf).nbytes for leaf in leaves(element))
        if n_bytes > _MOST_BYTES:
            raise UsageError(
                f"{source}: more than 2 GiB, which are not read into memory to be split: give a"
                " mapping of train, validation, test"
            )
    if not elements:
        raise UsageError(f"{source}: a part of the data is empty")
    elements = in_own_order(elements) if is_shuffled(rows) else elements
    arrays: tuple[Any, ...] = each(lambda *values: _stacked(values), *elements)
    return arrays


def _stacked(values: Sequence[Any]) -> Any:
    even = len({np.shape(value) for value in values}) == 1
    return np.stack(values) if even else list(values)
