"""Every complete trial as a line through its variant, rate, shared params and value."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tuner.plots._words import capital, configuration, counted, metric_name, number, unit
from tuner.plots.picture import BLUE, GREY, NAVY, Axis, Block, Line, Panel, Picture, Rule
from tuner.plots.plot import FEWEST_POINTS, NotEnoughDataError, Plot, Row
from tuner.study.results import Results, TrialRow

Scale = tuple[float, float]
_BEST = 0.2
"""The share of the trials that are drawn as the best, on top."""

_HEIGHT_OF_A_NAME = 0.17


def parallel_coordinates(results: Results, _finals: Results | None = None) -> Plot:
    """A line a complete trial: variant, rate, the shared params that vary, value."""
    trials = [row for row in results.trials if row.value is not None and math.isfinite(row.value)]
    if len(trials) < FEWEST_POINTS:
        raise NotEnoughDataError(f"needs {FEWEST_POINTS} complete trials")
    ordered = sorted(trials, key=lambda row: row.value or 0.0, reverse=results.maximize)
    shared = _shared(ordered)
    rows = [_row(trial, shared, place) for place, trial in enumerate(ordered, start=1)]
    name, metric = f"{results.definition.name}: parallel coordinates", metric_name(results)
    return Plot(
        name, _text(rows, metric), rows, _picture(rows, shared, name, metric, unit(results))
    )


def _shared(trials: Sequence[TrialRow]) -> list[str]:
    """Numbers that every trial has and that are not the same in all."""
    names = [
        name for name in trials[0].params if name not in ("variant", "rate") and "." not in name
    ]
    return [
        name
        for name in names
        if all(_is_number(trial.params.get(name)) for trial in trials)
        and len({trial.params[name] for trial in trials}) > 1
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _row(trial: TrialRow, shared: Sequence[str], place: int) -> Row:
    return {
        **configuration(trial),
        "rate": trial.rate or 0.0,
        **{name: trial.params[name] for name in shared},
        "value": trial.value,
        "place": place,
    }


def _picture(
    rows: Sequence[Row], shared: Sequence[str], name: str, metric: str, of_value: str
) -> Picture:
    """Lines from the left, where each variant has its height, to the value."""
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    top = len(variants) - 1.0
    columns = ["rate", *shared, "value"]
    scales = {column: _scale([row[column] for row in rows]) for column in columns}
    rules = [Rule("", float(x), upright=True) for x in range(1, len(columns) + 1)]
    titles = [_title(column, scales[column], metric, of_value) for column in columns]
    x = Axis("The least value is below", (-0.1, len(columns) + 0.1), ("Variant", *titles))
    y = Axis("", (-0.6, top + 0.6), tuple(reversed(variants)))
    height = 0.6 + _HEIGHT_OF_A_NAME * max(len(variants), FEWEST_POINTS)
    return Picture(
        name, [Block([Panel([*_lines(rows, variants, scales, top), *rules], x)], y, height)]
    )


def _lines(
    rows: Sequence[Row], variants: Sequence[str], scales: Mapping[str, Scale], top: float
) -> Iterator[Line]:
    n_best = max(1, round(_BEST * len(rows)))
    looks: dict[str, dict[str, Any]] = {
        "dropout": {"color": BLUE, "dashes": "dotted", "width": 0.7, "opacity": 0.5},
        "no dropout": {"color": GREY, "dashes": "dashed", "width": 0.8, "opacity": 0.8},
        "best fifth": {"color": NAVY, "width": 1.2},
    }
    found: dict[str, list[Row]] = {"dropout": [], "no dropout": [], "best fifth": []}
    for row in rows:
        kind = "no dropout" if row["variant"] == "none" else "dropout"
        found["best fifth" if row["place"] <= n_best and kind == "dropout" else kind].append(row)
    for label, own in found.items():
        if own:
            yield Line(label, [_curve(row, variants, scales, top) for row in own], **looks[label])


def _curve(
    row: Row, variants: Sequence[str], scales: Mapping[str, Scale], top: float
) -> tuple[list[float], list[float]]:
    heights = [top - variants.index(row["variant"])]
    for column, (low, high) in scales.items():
        heights.append(top * (row[column] - low) / (high - low) if high > low else top / 2)
    return [float(x) for x in range(len(heights))], heights


def _scale(values: Sequence[float]) -> Scale:
    return min(values), max(values)


def _title(column: str, scale: Scale, metric: str, of_value: str) -> str:
    """Its name, and from what below to what above it reaches."""
    factor = 100 if column == "value" and of_value == "%" else 1
    low, high = (f"{factor * each:.3g}" for each in scale)
    name = metric if column == "value" else column.replace("_", " ")
    sign = ", %" if factor == 100 else ""
    return f"{capital(name)}{sign}\n{low} to {high}"


def _text(rows: Sequence[Row], metric: str) -> str:
    best = rows[0]
    return (
        f"{counted(len(rows), 'complete trial')} as lines through variant, rate, shared params and"
        f" {metric}, each axis from its least value below to its greatest above. The best is"
        f" {best['variant']} at rate {number(best['rate'])}, {metric} {number(best['value'])}."
    )
