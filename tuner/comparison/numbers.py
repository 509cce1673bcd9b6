"""Means and differences of a verdict, as JSON and as cells of a table."""

from collections.abc import Sequence
from typing import Any, Literal

from tuner.comparison.statistics.formatting import Units, number
from tuner.comparison.statistics.monitored import Gain, Measured
from tuner.training.naming import possible


def differences(gain: Gain, of: int) -> dict[str, Any]:
    """To every network without dropout, by its name."""
    return {name: as_json(each, of) for name, each in gain.differences.items()}


def as_json(found: Measured | None, of: int = 1, *, is_sure: bool = False) -> dict[str, Any] | None:
    """Value, spread, seeds and interval."""
    if found is None:
        return None
    interval = found.interval(of, is_sure=is_sure)
    return {
        "value": found.value,
        "spread": found.spread,
        "n": found.n,
        "interval": None if interval is None else list(interval),
    }


def shown(found: Measured | None, metric: str, of: int = 1) -> str:
    """A mean with its interval; of an accuracy in percent."""
    if found is None:
        return "-"
    return _written(found, possible((found.value, *(found.interval(of) or ())), metric), metric)


def gained(
    found: Measured | None, metric: str, sign: int, of: int = 1, *, is_sure: bool = False
) -> str:
    """A difference with its interval, above 0 where it is better: `sign` is 1 where larger is."""
    if found is None:
        return "-"
    ends = sorted(sign * end for end in found.interval(of, is_sure=is_sure) or ())
    return _written(found, (sign * found.value, *ends), metric, "+")


def _written(
    found: Measured, values: Sequence[float], metric: str, signed: Literal["", "+"] = ""
) -> str:
    units = Units(metric)
    factor, digits = 100 if units.is_accuracy else 1, units.digits(found)
    value, *rest = (number(factor * each, digits, signed) for each in values)
    return f"{value} [{', '.join(rest)}]" if rest else value
