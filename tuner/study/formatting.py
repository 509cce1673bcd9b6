"""How numbers are written, in a terminal as in a report."""

from typing import Protocol

from tuner.training.naming import possible


class Estimated(Protocol):
    """A number with its interval."""

    @property
    def mean(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


def number(value: float | None) -> str:
    """A metric with four decimals, or a dash."""
    return "-" if value is None else f"{value:.4f}"


def signed(value: float | None) -> str:
    """A difference with its sign, or a dash."""
    return "-" if value is None else f"{value:+.4f}"


def rounded(value: float | None) -> str:
    """Seconds with one decimal, or a dash."""
    return "-" if value is None else f"{value:.1f}"


def duration(seconds: float | None) -> str:
    """Seconds as a person says them."""
    if seconds is None:
        return "?"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def value(found: Estimated, metric: str) -> str:
    """`validation accuracy 94.7 % [93.7, 95.7]`."""
    mean, low, high = possible((found.mean, found.low, found.high), metric)
    if metric != "accuracy":
        return f"validation {metric} {mean:.3g} [{low:.3g}, {high:.3g}]"
    return f"validation accuracy {100 * mean:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def difference(found: Estimated, metric: str) -> str:
    """`2.6 points [-0.5, 5.7] better than`, of a difference above 0 where that is better."""
    sign = 1 if found.mean >= 0 else -1
    mean, *ends = (sign * each for each in (found.mean, found.low, found.high))
    low, high = (size(each, metric, "") for each in sorted(ends))
    return f"{size(mean, metric)} [{low}, {high}] {'better' if sign > 0 else 'worse'} than"


def size(found: float, metric: str, unit: str = " points") -> str:
    """A difference in the metric's unit, an accuracy's in points."""
    return f"{100 * found:z.1f}{unit}" if metric == "accuracy" else f"{found:z.2g}"
