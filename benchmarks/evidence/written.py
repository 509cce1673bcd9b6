"""Numbers of several seeds, and tables of them, as Markdown."""

from collections.abc import Iterable, Sequence
from statistics import fmean

import numpy as np
from evidence.case import Params, Training, label
from scipy import stats


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table of Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines) + "\n"


def of(
    found: Sequence[Training], case: str, params: Params, name: str = "test"
) -> dict[int, float]:
    """What was measured of a candidate, by seed."""
    own = (each for each in found if each.case == case and label(each.params) == label(params))
    return {each.seed: each.measured[name] for each in own if name in each.measured}


def minus(candidate: dict[int, float], other: dict[int, float]) -> list[float]:
    """Differences of the seeds that both have."""
    return [candidate[seed] - other[seed] for seed in sorted(candidate.keys() & other.keys())]


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of a mean (Student's t)."""
    if len(values) < 2:
        return -np.inf, np.inf
    low, high = stats.ttest_1samp(values, 0.0).confidence_interval(0.95)
    return float(low), float(high)


def shown(values: Sequence[float], factor: float = 100, digits: int = 1) -> str:
    """A difference with its interval, in points."""
    low, high = interval(values)
    ends = f"{factor * low:+.{digits}f}, {factor * high:+.{digits}f}"
    return f"{factor * fmean(values):+.{digits}f} [{ends}]"


def mean(values: Iterable[float], factor: float = 1, digits: int = 2) -> str:
    """A mean with its standard error."""
    numbers = [factor * value for value in values]
    error = np.std(numbers, ddof=1) / np.sqrt(len(numbers)) if len(numbers) > 1 else np.nan
    return f"{fmean(numbers):.{digits}f} ± {error:.{digits}f}"


def candidates(found: Sequence[Training], case: str) -> list[Params]:
    """The params of a case, each once, in their order."""
    own = {label(each.params): each.params for each in found if each.case == case}
    return list(own.values())


def chosen(found: Sequence[Training], case: str, variant: str) -> Params:
    """The params of a variant with the best mean on the rows to judge on."""
    own = [params for params in candidates(found, case) if params["variant"] == variant]
    return max(own, key=lambda each: fmean(of(found, case, each, "validation").values()))
