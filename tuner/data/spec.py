"""Spec: what a model has to know of the data."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

Task = Literal["classification", "regression", "multilabel", "own"]
"""Classes; numbers; several labels a row, each 0 or 1; whatever the compile of a model takes."""


@dataclass(frozen=True)
class RowSpec:
    """Shape and dtype of one row of an array; a length that differs by row is None."""

    shape: tuple[int | None, ...]
    dtype: str


@dataclass(frozen=True)
class Spec:
    """Shape of one row, number of outputs (classes, targets, labels), and the task.

    Where rows are a dict or a tuple of arrays, `input_shape` is one of shapes, and `n_outputs` one
    of numbers where the targets are. `inputs` and `targets` have a RowSpec in the same places.
    `x` are the rows to train on, for layers that are adapted to them: no others. None of streams.
    """

    input_shape: Any
    n_outputs: Any
    task: Task
    inputs: Any = None
    targets: Any = None
    x: Any = field(default=None, compare=False, repr=False)

    def __getattr__(self, name: str) -> Any:
        """Say what there is to who asks for something else."""
        has = ", ".join(each.name for each in fields(self))
        raise AttributeError(f"a spec has no {name!r}: it has {has}")
