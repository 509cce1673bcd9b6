"""What study files are made of: tables, ranges, choices, scalars, and the variants' names."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tuner.errors import unknown

Scalar = bool | int | float | str
Params = Mapping[str, Scalar]
"""What a trial trains, by name."""

MOST = 10_000_000
"""More epochs, rows, trials or units than anybody means."""

VARIANTS = {
    "none": "tuner.dropout.none:VARIANT",
    "standard": "tuner.dropout.standard:VARIANT",
    "spatial": "tuner.dropout.spatial:VARIANT",
    "gaussian": "tuner.dropout.gaussian:VARIANT",
    "alpha": "tuner.dropout.alpha:VARIANT",
    "scheduled": "tuner.dropout.scheduled:VARIANT",
    "dropconnect": "tuner.dropout.dropconnect:VARIANT",
    "targeted": "tuner.dropout.targeted:VARIANT",
    "concrete": "tuner.dropout.concrete:VARIANT",
    "variational": "tuner.dropout.variational:VARIANT",
    "adversarial": "tuner.dropout.adversarial:VARIANT",
    "mc": "tuner.dropout.mc:VARIANT",
}
"""The dropout variants by name: one file and one line here each.

Noise on activations first, then noise on weights, then noise that is learned.
"""

KINDS = {
    "units": "hidden units, or maps",
    "embedding": "units of an embedding",
    "attention": "the probabilities of attention",
    "input": "what comes to an RNN, one mask for all steps",
    "recurrent": "the state of an RNN, one mask for all steps",
    "path": "a whole branch, for an example: stochastic depth",
}
"""The kinds of places where a network drops."""

AS_WRITTEN = "as written"
"""What stands for a variant where a user's own model keeps the dropout it came with."""

_LARGEST = 1e300


class Table(BaseModel):
    """A table of a study file: frozen, strict, no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Range(Table):
    """An interval to search: floats, or whole numbers where both ends are."""

    low: int | float
    high: int | float
    log: bool = False
    step: int | float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not -_LARGEST <= self.low <= self.high <= _LARGEST:
            raise ValueError(f"low {self.low} must not be above high {self.high}")
        if self.log and (self.low <= 0 or self.step is not None):
            raise ValueError("a log range needs low above 0 and no step")
        if self.step is not None and not 0 < self.step <= _LARGEST:
            raise ValueError(f"step must be above 0, got {self.step}")
        return self


Axis = Range | tuple[Scalar, ...] | Scalar


@dataclass(frozen=True)
class Hyperparameter:
    """A variant's own hyperparameter: the axis to search, and the values of another it depends on.

    `choices` are the names that a study file may give, where they are more than those of the axis.
    `of_density` is searched instead where the metric is the density of targets, which alone tells.
    """

    axis: Axis
    when: tuple[str, tuple[Scalar, ...]] | None = None
    choices: tuple[str, ...] = ()
    of_density: Axis | None = None


def ends(axis: Axis) -> tuple[Scalar, ...]:
    """The two ends of a range, or all values of another axis."""
    if isinstance(axis, Range):
        return (axis.low, axis.high)
    return axis if isinstance(axis, tuple) else (axis,)


def describe(axis: Axis) -> str:
    """An axis in words."""
    if isinstance(axis, Range):
        return f"{axis.low} to {axis.high}" + (" (log)" if axis.log else "")
    return ", ".join(map(str, axis)) if isinstance(axis, tuple) else str(axis)


def explain(error: ValidationError, root: type[BaseModel]) -> str:
    """The first thing that is wrong with a table: its key, what was expected, what was given."""
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        return unknown("key", ".".join(path), _keys(root, path[:-1]))
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    key = ".".join(part for part in path if part not in ("int", "float"))
    if first["type"] != "value_error":
        return f"{key}: {message}, got {first['input']!r}"
    if key == "space" and not message.startswith(":"):
        return f"space.{message}"
    return f"{key}: {message}".replace(": : ", ": ") if key else message


def _keys(root: type[BaseModel], path: list[str]) -> list[str]:
    for part in path:
        root = root.model_fields[part].annotation  # type: ignore[assignment]
    return [".".join([*path, name]) for name in root.model_fields]
