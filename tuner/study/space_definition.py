"""The search space as a study file writes it: shared axes, and those of each variant."""

import math
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tuner.schema import MOST, Axis, Range, Scalar, ends, explain

_SIZES = ("width", "depth", "batch_size")

_WHOLE = 2**63 - 1


class SpaceDefinition(BaseModel):
    """The search space: shared axes by name, and each variant's own hyperparameters."""

    model_config = ConfigDict(frozen=True)

    variant: tuple[str, ...] | None = None
    per_site_rate: bool = False
    axes: dict[str, Axis] = {}
    hyperparameters: dict[str, dict[str, Axis]] = {}

    @model_validator(mode="before")
    @classmethod
    def _from_table(cls, table: Any) -> dict[str, Any]:
        if not isinstance(table, Mapping):
            raise ValueError(": expected a table")  # noqa: TRY004 (pydantic reads it)
        table = _flat(table)
        variant = table.pop("variant", None)
        per_site_rate = table.pop("per_site_rate", False)
        if not isinstance(per_site_rate, bool):
            message = f"per_site_rate: expected true or false, got {per_site_rate!r}"
            raise ValueError(message)  # noqa: TRY004 (pydantic reads it)
        hps = {k: v for k, v in table.items() if isinstance(v, Mapping) and not _is_range(v)}
        return {
            "variant": None if variant is None else _variants(variant),
            "per_site_rate": per_site_rate,
            "axes": {k: _axis(k, v) for k, v in table.items() if k not in hps},
            "hyperparameters": {
                v: {k: _axis(f"{v}.{k}", a) for k, a in t.items()} for v, t in hps.items()
            },
        }


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    """TOML makes a table of rate.attention = ..., which is a key like any other."""
    rate = table.get("rate")
    if not isinstance(rate, Mapping) or _is_range(rate):
        return dict(table)
    return {k: v for k, v in table.items() if k != "rate"} | {
        f"rate.{k}": v for k, v in rate.items()
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
    if key.rpartition(".")[2] in ("rate", "input_rate") or key.startswith("rate."):
        _check_rates(key, axis)
    if key in _SIZES:
        _check_sizes(key, axis)
    return axis


def _scalar(key: str, value: Any) -> Scalar:
    if isinstance(value, int) and abs(value) > _WHOLE:
        raise ValueError(f"{key}: no number of 64 bits: {value}")
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


def _check_sizes(key: str, axis: Axis) -> None:
    """What a function of a user's takes may be a name, or a share of the usual width."""
    for value in ends(axis):
        if isinstance(value, bool | str) or (key == "depth" and value == 0):
            continue
        if not 0 < value <= MOST:
            raise ValueError(f"{key}: expected numbers above 0, to {MOST} at most, got {value!r}")


def _variants(value: Any) -> tuple[str, ...]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(f"variant: expected a list of names, got {value!r}")
    if not names:
        raise ValueError("variant: expected at least one name, got an empty list")
    return tuple(dict.fromkeys(names))
