"""Candidates below each other, as a picture: a forest plot."""

from collections.abc import Iterator, Mapping, Sequence

from tuner.plots._limits import all_of
from tuner.plots.picture import (
    BLUE,
    GREY,
    Axis,
    Block,
    Line,
    Mark,
    Panel,
    Picture,
    Points,
    Rule,
    named,
)
from tuner.plots.plot import Row

_HALF_A_MARK = 0.07
_CONTRASTS = {"effect": "Effect", "gain": "Gain"}


def draw(rows: Sequence[Row], said: tuple[str, str], title: str, unit: str) -> Picture:
    """Rows of `answer`: their values, and their differences to networks without dropout.

    `said` are the label of the values, and a note.
    """
    heights = {row["candidate"]: y for y, row in enumerate(reversed(rows))}
    label, few = said
    panels = [Panel(list(_values(rows, heights)), _axis(rows, "value", "", label, unit), few)]
    for name, contrast in _CONTRASTS.items():
        compared = [row for row in rows if row[name] is not None]
        if compared:
            marks = [
                Rule("", 0.0, upright=True),
                *_intervals(compared, heights, name, f"_{name}", "dropout"),
            ]
            panels.append(Panel(marks, _axis(compared, name, f"_{name}", contrast, unit)))
    y = named([_label(row) for row in rows])
    return Picture(title, [Block(panels, y, 0.55 + 0.16 * len(rows), columns=len(panels))])


def _label(row: Row) -> str:
    is_none = not row["is_dropout"] and row["variant"] == "none"
    name = "no dropout" if is_none else row["candidate"]
    is_said = row["width"] is None or "width" in name
    return name if is_said else f"{name} @{row['width']}"


def _axis(rows: Sequence[Row], name: str, of: str, label: str, unit: str) -> Axis:
    """Limits around all that is drawn, so that of a mark at the edge nothing is cut."""
    columns = [name, f"low{of}", f"high{of}", *(["twin_value"] if name == "value" else [])]
    values = [row[each] for row in rows for each in columns if row[each] is not None]
    is_signed = name in _CONTRASTS
    values += [0.0] * is_signed
    half = _HALF_A_MARK * (max(values) - min(values))
    limits = all_of([min(values) - half, max(values) + half])
    return Axis(label, limits, unit="points" if unit and is_signed else unit, is_signed=is_signed)


def _values(rows: Sequence[Row], heights: Mapping[str, int]) -> Iterator[Mark]:
    """Each candidate beside its twin, and the networks without dropout."""
    twins = [row for row in rows if row["twin_value"] is not None]
    if twins:
        yield Line(
            "",
            [
                ([row["twin_value"], row["value"]], [heights[row["candidate"]] + 0.0] * 2)
                for row in twins
            ],
            GREY,
            "dotted",
            width=0.6,
        )
        yield Points(
            "same network, no dropout",
            [row["twin_value"] for row in twins],
            [heights[row["candidate"]] for row in twins],
            GREY,
            "circle",
            is_filled=False,
        )
    dropouts = [row for row in rows if row["is_dropout"]]
    yield from _intervals(dropouts, heights, "value", "", "dropout")
    nones = [row for row in rows if not row["is_dropout"]]
    yield from _intervals(nones, heights, "value", "", "no dropout")


def _intervals(
    rows: Sequence[Row], heights: Mapping[str, int], name: str, of: str, label: str
) -> Iterator[Mark]:
    """Means with their intervals, hollow where a difference may be chance."""
    color = BLUE if label == "dropout" else GREY
    held = [row for row in rows if row[f"low{of}"] is not None]
    ends = [([row[f"low{of}"], row[f"high{of}"]], [heights[row["candidate"]]] * 2) for row in held]
    yield Line("", ends, color, width=0.9)
    for is_sure in (True, False):
        own = [row for row in rows if row.get(f"is_{name}_sure", True) == is_sure]
        if own:
            yield Points(
                label if is_sure else "may be chance",
                [row[name] for row in own],
                [heights[row["candidate"]] for row in own],
                color,
                "diamond" if color == BLUE else "square",
                is_filled=is_sure,
                size=1.2,
                on_top=True,
            )
