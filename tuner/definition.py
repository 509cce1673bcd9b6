"""StudyDefinition: what a study file says, checked and frozen."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from tuner.errors import UsageError, unknown

Scalar = bool | int | float | str
Task = Literal["classification", "regression"]


@dataclass(frozen=True)
class Metric:
    """What a trial's value measures on the validation part, and which way is better."""

    task: Task
    direction: Literal["maximize", "minimize"]


METRICS = {
    "accuracy": Metric("classification", "maximize"),
    "nll": Metric("classification", "minimize"),
    "rmse": Metric("regression", "minimize"),
    "mae": Metric("regression", "minimize"),
    "mse": Metric("regression", "minimize"),
}
DEFAULT_METRIC: dict[Task, str] = {"classification": "accuracy", "regression": "rmse"}
STUDY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_LARGEST = 1e300


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Range(_Part):
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


class Space(BaseModel):
    """The search space: shared axes by name, and each variant's own knobs."""

    model_config = ConfigDict(frozen=True)

    variant: tuple[str, ...] | None = None
    axes: dict[str, Axis] = {}
    knobs: dict[str, dict[str, Axis]] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, table: Any) -> dict[str, Any]:
        if not isinstance(table, Mapping):
            raise ValueError(": expected a table")  # noqa: TRY004 (pydantic reads it)
        table = dict(table)
        variant = table.pop("variant", None)
        knobs = {k: v for k, v in table.items() if isinstance(v, Mapping) and not _is_range(v)}
        return {
            "variant": None if variant is None else _variants(variant),
            "axes": {k: _axis(k, v) for k, v in table.items() if k not in knobs},
            "knobs": {v: {k: _axis(f"{v}.{k}", a) for k, a in t.items()} for v, t in knobs.items()},
        }


class Training(_Part):
    """How every trial is trained; `batch_size`, `optimizer`, `learning_rate` can be searched."""

    epochs: int = Field(20, ge=1)
    batch_size: int = Field(128, ge=1)
    optimizer: str = "adam"
    learning_rate: float = Field(1e-3, gt=0, allow_inf_nan=False)
    train_size: int | None = Field(None, ge=1)
    validation_split: float = Field(0.2, gt=0, lt=1)
    test_split: float = Field(0.2, gt=0, lt=1)
    standardize: bool = True


class Search(_Part):
    """How many trials, and who proposes and prunes them."""

    trials: int = Field(50, ge=1)
    sampler: str = "tpe"
    pruner: str = "successive_halving"
    seed: int = Field(0, ge=0, lt=2**32)


class Compare(_Part):
    """How the finalists are compared."""

    seeds: int = Field(10, ge=2)


DEFAULT_AXES: dict[str, Axis] = {"width": (64, 256, 512), "depth": 2}


class StudyDefinition(_Part):
    """One study: data, model, search space, training and budget."""

    name: str = "digits"
    data: str = "digits"
    target: str | None = None
    task: Task | None = None
    model: str = "mlp"
    metric: str | None = None
    space: Space = Space()
    training: Training = Training()
    search: Search = Search()
    compare: Compare = Compare()

    @field_validator("name")
    @classmethod
    def _valid_name(cls, name: str) -> str:
        if not STUDY_NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} is no study name: letters, digits, '.', '_', '-' (at most 100)"
            )
        return name

    @field_validator("metric")
    @classmethod
    def _known_metric(cls, metric: str | None) -> str | None:
        if metric is not None and metric not in METRICS:
            raise ValueError(unknown("metric", metric, METRICS))
        return metric

    @classmethod
    def parse(cls, table: Mapping[str, Any], source: str) -> "StudyDefinition":
        """Check a table as a study file writes it; UsageError names `source` and the key."""
        try:
            return cls.model_validate(dict(table))
        except ValidationError as error:
            raise UsageError(f"{source}: {_first_error(error)}") from None

    def to_table(self) -> dict[str, Any]:
        """The same definition as a study file writes it (JSON types only)."""
        table = self.model_dump(mode="json", exclude={"space"}, exclude_none=True)
        space = self.space.model_dump(mode="json", exclude_none=True)
        variant = {"variant": space["variant"]} if "variant" in space else {}
        return table | {"space": variant | space["axes"] | space["knobs"]}

    @property
    def axes(self) -> dict[str, Axis]:
        """The shared axes, defaults included."""
        return DEFAULT_AXES | self.space.axes


def _is_range(value: Mapping[str, Any]) -> bool:
    return bool(set(value) & set(Range.model_fields))


def _axis(key: str, value: Any) -> Axis:
    axis: Axis
    if isinstance(value, Mapping):
        try:
            axis = Range.model_validate(dict(value))
        except ValidationError as error:
            raise ValueError(f"{key}: {_first_error(error, Range)}") from None
    elif isinstance(value, list | tuple):
        if not value:
            raise ValueError(f"{key}: expected at least one choice, got an empty list")
        axis = tuple(_scalar(key, item) for item in value)
        if len(set(axis)) < len(axis):
            raise ValueError(f"{key}: a choice is listed twice")
    else:
        axis = _scalar(key, value)
    if key.rpartition(".")[2] == "rate":
        _check_rates(key, axis)
    return axis


def _scalar(key: str, value: Any) -> Scalar:
    if isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value)):
        return value
    raise ValueError(
        f"{key}: expected a number, a name, a list of them, or {{low, high}}, got {value!r}"
    )


def _check_rates(key: str, axis: Axis) -> None:
    values = (
        (axis.low, axis.high)
        if isinstance(axis, Range)
        else axis
        if isinstance(axis, tuple)
        else (axis,)
    )
    for value in values:
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


def _first_error(error: ValidationError, root: type[BaseModel] = StudyDefinition) -> str:
    first = error.errors()[0]
    path = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        if root is StudyDefinition and path[0] in ("variant", "rate", *DEFAULT_AXES):
            return f"unknown key {path[0]!r}: it belongs in [space]"
        for section in ("training", "search", "compare"):
            if root is StudyDefinition and [f"{section}.{path[-1]}"] == _keys(
                root, [section], path[-1]
            ):
                return f"unknown key {'.'.join(path)!r}: it belongs in [{section}]"
        return unknown("key", ".".join(path), _keys(root, path[:-1]))
    message = first["msg"].removeprefix("Value error, ").replace("Input should be", "expected")
    key = ".".join(part for part in path if part not in ("int", "float"))
    if first["type"] == "value_error":
        dot = "." if key == "space" and not message.startswith(":") else ""
        return f"{key}{dot}{message}" if key == "space" else f"{key}: {message}" if key else message
    return f"{key}: {message}, got {first['input']!r}"


def _keys(root: type[BaseModel], path: list[str], only: str | None = None) -> list[str]:
    for part in path:
        root = root.model_fields[part].annotation  # type: ignore[assignment]
    return [".".join([*path, name]) for name in root.model_fields if only in (None, name)]
