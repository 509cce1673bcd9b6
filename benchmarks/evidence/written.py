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
    half = stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))
    return float(fmean(values) - half), float(fmean(values) + half)


def shown(values: Sequence[float], factor: float = 100, digits: int = 1) -> str:
    """A difference with its interval, in points."""
    if not values:
        return "-"
    own, *ends = (signed(factor * each, digits) for each in (fmean(values), *interval(values)))
    return f"{own} [{', '.join(ends)}]" if len(values) > 1 else f"{own} (one seed)"


def signed(value: float, digits: int = 1) -> str:
    """With its sign, and none of nothing that is negative."""
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def mean(values: Iterable[float], factor: float = 1, digits: int = 2) -> str:
    """A mean with its standard error."""
    numbers = [factor * value for value in values]
    if not numbers:
        return "-"
    if len(numbers) == 1:
        return f"{numbers[0]:.{digits}f} (one seed)"
    error = np.std(numbers, ddof=1) / np.sqrt(len(numbers))
    return f"{fmean(numbers):.{digits}f} ± {error:.{digits}f}"


def candidates(found: Sequence[Training], case: str) -> list[Params]:
    """The params of a case, each once, in their order."""
    own = {label(each.params): each.params for each in found if each.case == case}
    return list(own.values())


def chosen_if_any(found: Sequence[Training], case: str, variant: str) -> Params | None:
    """The params of a variant with the best mean on the rows to judge on; None without any."""
    judged = [
        (fmean(values.values()), params)
        for params in candidates(found, case)
        if params["variant"] == variant and (values := of(found, case, params, "validation"))
    ]
    return max(judged, key=lambda each: each[0])[1] if judged else None


def away(values: Sequence[float], published: float, error: float) -> float:
    """Standard errors by which a mean is above a published one, those of both together."""
    own = np.std(values, ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return float((fmean(values) - published) / np.hypot(own, error))
