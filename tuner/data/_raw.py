"""Raw data: arrays before they are split and standardized, and what is said of their rows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tuner.data._arrays import GivenTargets, Weights
from tuner.data.settings import SplitSettings

PARTS = ("", "_validation", "_test")
"""The ends of the names of what a part has: rows to train on have none."""

_OF_PART = ("x", "y", "weight", "groups")


@dataclass(frozen=True)
class RawData:
    """Rows `x` [n, ...] with targets `y` [n, ...], and a test part where one is given.

    Both may be dicts or tuples of arrays, and x a Table; without y, the rows are their targets.
    `weight` [n] says how much a row counts. `y_noisy`, of the shape of `y`, has the targets to
    train on where they are not those by which a model is judged: labels as a careless annotator
    would give them. `is_file` tells of a table that we have read ourselves, `notes` say what was
    done to the rows, a line each, `no_matrix` why a table has no matrix, and `lacks` that missing
    numbers of it are NaN.

    Rows of one of `groups` [n] stay together. `split` [n] says which part a row of x is of:
    "train", "validation", "test", or "" where that is drawn; `order` [n] sorts rows in time.
    """

    x: Any
    y: Any
    x_test: Any = None
    y_test: Any = None
    features: tuple[str, ...] = ()
    y_noisy: GivenTargets | None = None
    weight: Weights | None = None
    weight_test: Weights | None = None
    is_file: bool = False
    notes: tuple[str, ...] = ()
    no_matrix: str = ""
    lacks: bool = False
    x_validation: Any = None
    y_validation: Any = None
    weight_validation: Weights | None = None
    groups: Any = None
    groups_validation: Any = None
    groups_test: Any = None
    split: Any = None
    order: Any = None

    def part(self, name: str) -> tuple[Any, Any, Any, Any]:
        """x, y, weight and groups of a part, by the end of their names."""
        x, y, weight, groups = (getattr(self, f"{each}{name}") for each in _OF_PART)
        return x, y, weight, groups

    def with_part(self, name: str, *of_part: Any) -> "RawData":
        """The same with another x, y, weight and groups of a part, or the first of these."""
        named = zip(_OF_PART, of_part, strict=False)
        return replace(self, **{f"{each}{name}": value for each, value in named})

    @property
    def parts(self) -> list[str]:
        """The parts that there are."""
        return [name for name in PARTS if getattr(self, f"x{name}") is not None]

    def with_columns(
        self, part: str, columns: Mapping[str, Any], split: SplitSettings
    ) -> "RawData":
        """The same with what columns that are no features say of the rows of a part."""
        named = {f"groups{part}": split.group}
        if not part:
            named |= {"split": split.split_column, "order": split.order_by}
        return replace(self, **{key: columns[name] for key, name in named.items() if name})
