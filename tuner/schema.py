"""The search space of a study file: axes by name, and each variant's own knobs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tuner.errors import unknown

Scalar = bool | int | float | str
_LARGEST = 1e300


class Part(BaseModel):
    """A table of a study file: frozen, strict, no other keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Range(Part):
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
DEFAULT_AXES: dict[str, Axis] = {"width": (64, 256, 512), "depth": 2}


@dataclass(frozen=True)
class Knob:
    """A variant's own hyperparameter: the axis to search, and the knob values it depends on.

    `choices` are the names that a study file may give, where they are more than those of the axis.
    """

    axis: Axis
    when: tuple[str, tuple[Scalar, ...]] | None = None
    choices: tuple[str, ...] = ()


class Space(BaseModel):
    """The search space: shared axes by name, and each variant's own knobs."""

    model_config = ConfigDict(frozen=True)

    variant: tuple[str, ...] | None = None
    per_site_rate: bool = False
    axes: dict[str, Axis] = {}
    knobs: dict[str, dict[str, Axis]] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, table: Any) -> dict[str, Any]:
        if not isinstance(table, Mapping):
            raise ValueError(": expected a table")  # noqa: TRY004 (pydantic reads it)
        table = dict(table)
        variant = table.pop("variant", None)
        per_site_rate = table.pop("per_site_rate", False)
        if not isinstance(per_site_rate, bool):
            message = f"per_site_rate: expected true or false, got {per_site_rate!r}"
            raise ValueError(message)  # noqa: TRY004 (pydantic reads it)
        knobs = {k: v for k, v in table.items() if isinstance(v, Mapping) and not _is_range(v)}
        return {
            "variant": None if variant is None else _variants(variant),
            "per_site_rate": per_site_rate,
            "axes": {k: _axis(k, v) for k, v in table.items() if k not in knobs},
            "knobs": {v: {k: _axis(f"{v}.{k}", a) for k, a in t.items()} for v, t in knobs.items()},
        }


def _is_range(value: Mapping[str, Any]) -> bool:
    return bool(set(value) & set(Range.model_fields))


def _axis(key: str, value: Any) -> Axis:
    axis: Axis
    if isinstance(value, Mapping):
        try:
            axis = Range.model_validate(dict(value))
        except ValidationError as error:
            raise ValueError(f"{key}: {explain(error, Range)}") from None
    elif isinstance(value, list | tuple):
        if not value:
            raise ValueError(f"{key}: expected at least one choice, got an empty list")
        axis = tuple(_scalar(key, item) for item in value)
        if len(set(axis)) < len(axis):
            raise ValueError(f"{key}: a choice is listed twice")
    else:
        axis = _scalar(key, value)
    if key.rpartition(".")[2] in ("rate", "input_rate"):
        _check_rates(key, axis)
    return axis


def _scalar(key: str, value: Any) -> Scalar:
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(
        f"{key}: expected a number, a name, a list of them, or {{low, high}}, got {value!r}"
    )


def _check_rates(key: str, axis: Axis) -> None:
    for value in ends(axis):
        if isinstance(value, bool | str) or not 0 <= value < 1:
            raise ValueError(
                f"{key}: a rate is the probability of dropping, 0 <= rate < 1, got {value!r}"
            )


def _variants(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"variant: expected a list of names, got {value!r}")
    if not names:
        raise ValueError("variant: expected at least one name, got an empty list")
    return tuple(dict.fromkeys(names))


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
