"""How a metric is written: accuracies as test error in percent, others as they are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tuner.comparison.statistics.monitored import Measured
from tuner.training.naming import possible


@dataclass(frozen=True)
class Units:
    """The words and digits of a metric; without a spread there is no interval to write."""

    metric: str

    @property
    def is_accuracy(self) -> bool:
        """Whether errors and points are written instead."""
        return self.metric == "accuracy"

    def value(self, mean: Measured, of: int = 1) -> str:
        """A mean and its interval, picked from `of`: `test error 1.21 % [1.13, 1.29]`."""
        values = possible((mean.value, *(mean.interval(of) or ())), self.metric)
        if not self.is_accuracy:
            return f"test {self.metric} {_written(values, self.digits(mean))}"
        return f"test error {_written([100 * (1 - value) for value in values], 2, ' %')}"

    def difference(self, difference: Measured, of: int = 1, *, is_sure: bool = False) -> str:
        """A difference and its interval, picked from `of`: `0.38 points [0.29, 0.47] below`."""
        ends = difference.interval(of, is_sure=is_sure) or ()
        factor = -100 if self.is_accuracy else 1
        sign = factor if factor * difference.value > 0 else -factor
        values = [sign * value for value in (difference.value, *ends)]
        direction = "below" if sign == -factor else "above"
        if self.is_accuracy:
            return f"{_written(values, 2, ' points')} {direction}"
        return f"{_written(values, self.digits(difference))} {direction}"

    def digits(self, found: Measured) -> int | None:
        """The decimals that reach the first digit of the standard error, of points 2."""
        if self.is_accuracy:
            return 2
        if found.spread is None:
            return None
        return min(8, max(0, -math.floor(math.log10(found.spread / math.sqrt(found.n)))))

    def size(self, value: float) -> str:
        """A spread or an error."""
        return f"{100 * value:.2f} points" if self.is_accuracy else f"{value:.2g}"


def p_value(p: float) -> str:
    """Holm's p as it is written."""
    return (
        "Holm p < 0.001" if p < 0.001 else f"Holm p = {p:.3f}" if p < 0.1 else f"Holm p = {p:.2f}"
    )


def _written(values: Sequence[float], digits: int | None, unit: str = "") -> str:
    """A value, its unit, and its interval in ascending order."""
    value, *ends = (number(value, digits) for value in (values[0], *sorted(values[1:])))
    return f"{value}{unit} [{', '.join(ends)}]" if ends else f"{value}{unit}"


def number(value: float, digits: int | None, signed: str = "") -> str:
    """Never -0.00; four significant digits where nothing says how many count."""
    if digits is None:
        return f"{value:{signed}.4g}"
    return f"{round(value, digits) + 0.0:{signed}.{digits}f}"
