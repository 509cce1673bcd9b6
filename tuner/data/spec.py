"""Spec: what a model has to know of the data."""

from dataclasses import dataclass
from typing import Literal

Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Spec:
    """Shape of one row, number of outputs (classes, or targets), and the task."""

    input_shape: tuple[int, ...]
    n_outputs: int
    task: Task
