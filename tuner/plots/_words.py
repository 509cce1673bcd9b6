"""How plots name metrics, configurations and numbers."""

from collections.abc import Mapping
from typing import Any

from tuner.study.results import Results, TrialRow


def metric_name(results: Results) -> str:
    """The metric inside a sentence."""
    return results.metric if results.metric == "accuracy" else results.metric.upper()


def value_label(results: Results, part: str = "Validation") -> str:
    """The metric on a part of the data as an axis label."""
    return f"{part} {metric_name(results)}"


def unit(results: Results) -> str:
    """What axes of the metric have: an accuracy percent."""
    return "%" if results.metric == "accuracy" else ""


def configuration(trial: TrialRow) -> dict[str, Any]:
    """The columns that say what a trial was."""
    return {
        "trial": trial.number,
        "variant": trial.variant,
        "rate": trial.rate,
        "width": trial.params.get("width"),
    }


def describe(row: Mapping[str, Any], separator: str = ", ") -> str:
    """A configuration in a few words."""
    none = row["variant"] == "none"
    first = "no dropout" if none or row["rate"] is None else f"{row['variant']} {row['rate']:.2g}"
    return first if row["width"] is None else f"{first}{separator}width {row['width']}"


def capital(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def number(value: float | None) -> str:
    """Four significant digits."""
    return "-" if value is None else f"{value:.4g}"


def counted(n: int, noun: str) -> str:
    """`1 trial`, `2 trials`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"
