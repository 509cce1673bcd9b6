"""Curves of value by rate as a picture: all variants, and the leading ones by themselves."""

from collections.abc import Iterator, Mapping, Sequence

from tuner.plots._limits import all_of, both, from_zero, limits
from tuner.plots._rows import columns, of_variant
from tuner.plots._words import unit, value_label
from tuner.plots.picture import (
    BLUE,
    GREY,
    NAVY,
    PALE,
    SKY,
    Axis,
    Block,
    Curve,
    Dashes,
    Limits,
    Line,
    Mark,
    Panel,
    Picture,
    Points,
    Span,
    off_scale,
)
from tuner.plots.plot import FEWEST_POINTS, Row
from tuner.study.results import Results

_LOOKS: tuple[tuple[str, Dashes], ...] = (
    (BLUE, "solid"),
    (NAVY, "dashed"),
    (SKY, "dashdot"),
    (BLUE, "dotted"),
)
"""Those of the leading variants."""

_GRIDS = {1: (1, 0.9), 2: (2, 1.2), 3: (3, 1.9), 4: (2, 1.2)}
"""How many columns so many leading variants have, and their width in that of all variants."""

_FENCE = 10.0
"""A trial that lies farther off than so many interquartile ranges has diverged."""


def draw(rows: Sequence[Row], title: str, results: Results) -> Picture:
    """Rows of `value_by_rate`: a panel of all curves, and one of each leading variant."""
    curves = by_variant(rows)
    leading = list(curves)[: len(_LOOKS)]
    trials = {name: of_variant(_finished(rows), name) for name in leading}
    apart = [name for name in leading if len(trials[name]) >= FEWEST_POINTS]
    shown = _limits(rows, apart, maximize=results.maximize)
    highest = max(row["rate"] for curve in curves.values() for row in curve)
    y = Axis(value_label(results), shown, unit=unit(results))
    x = Axis("Dropout rate", from_zero(highest))
    whole = [*_reference(rows, highest), *_all_curves(curves, leading, apart)]
    blocks = [Block([Panel(whole, x, "all variants")], y, 1.5, width=1.0)]
    if apart:
        reference = list(_reference(rows, highest))[:1]
        panels = [
            Panel(
                [*reference, *_one_curve(curves[name], trials[name], leading.index(name), shown)],
                x,
                name,
            )
            for name in apart
        ]
        columns, width = _GRIDS[len(panels)]
        blocks.append(Block(panels, y, 0.85, columns=columns, width=width))
    return Picture(title, blocks)


def by_variant(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """The curves of the variants, in their order."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row["state"] == "expected" and row["variant"] != "none":
            found.setdefault(row["variant"], []).append(row)
    return found


def safe(curve: Sequence[Row]) -> Limits:
    """The lowest and the highest of the safe rates."""
    rates = [row["rate"] for row in curve if row["is_safe"]]
    return min(rates, default=0.0), max(rates, default=0.0)


def _finished(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row["trial"] is not None]


def _limits(rows: Sequence[Row], apart: Sequence[str], *, maximize: bool) -> Limits | None:
    """All that is expected, with its intervals where they are drawn, and what has not diverged."""
    expected = [row["value"] for row in rows if row["state"] == "expected"]
    expected += [
        row[end]
        for row in rows
        for end in ("low", "high")
        if row["variant"] in apart and row["state"] == "expected"
    ]
    trials = [row["value"] for row in _finished(rows) if row["variant"] in apart]
    return both(limits([*expected, *trials], maximize=maximize, fence=_FENCE), all_of(expected))


def _reference(rows: Sequence[Row], highest: float) -> Iterator[Mark]:
    for row in rows:
        if row["variant"] == "none" and row["state"] == "expected":
            across = ([0.0, highest], [row["value"]] * 2)
            if row["is_alike"]:
                yield Line("same network, no dropout", [across], GREY)
            else:
                yield Line("best without dropout", [across], GREY, "dashed")


def _all_curves(
    curves: Mapping[str, Sequence[Row]], leading: Sequence[str], apart: Sequence[str]
) -> Iterator[Mark]:
    """Those of the leading variants are named in the panel of each, if they have one."""
    low, high = safe(next(iter(curves.values())))
    yield Span("safe rates", low, high)
    others = [_curve(curve) for name, curve in curves.items() if name not in leading]
    if others:
        yield Line("other variants", others, PALE, width=0.7)
    for name, (color, dashes) in reversed(list(zip(leading, _LOOKS, strict=False))):
        label = "" if name in apart else name
        yield Line(label, [_curve(curves[name])], color, dashes, on_top=True)


def _curve(rows: Sequence[Row]) -> Curve:
    return [row["rate"] for row in rows], [row["value"] for row in rows]


def _one_curve(
    curve: Sequence[Row], trials: Sequence[Row], place: int, shown: Limits | None
) -> Iterator[Mark]:
    low, high = safe(curve)
    yield Span("", low, high)
    color, dashes = _LOOKS[place]
    band = [row["low"] for row in curve], [row["high"] for row in curve]
    yield Line("", [_curve(curve)], color, dashes, band=band, on_top=True)
    for label, is_alike, color in (("another network", False, SKY), ("a trial", True, BLUE)):
        where = columns([row for row in trials if row["is_alike"] == is_alike], "rate", "value")
        dots = Points(
            label, where.x, where.y, color, is_filled=is_alike, size=0.8, numbers=where.trials
        )
        yield dots
        yield from off_scale(dots, y=shown)
