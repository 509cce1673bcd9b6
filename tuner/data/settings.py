"""What the data of a study are, and how they are split and scaled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from tuner.data.spec import Task
from tuner.schema import Table


class SplitSettings(Table):
    """How rows are split and standardized; sizes are shares, or numbers of rows to train on.

    "ordered" rows are not drawn: validation and test part are the last ones, by the column
    `order_by` where it is given. Rows of one `group` (a column) stay together. `split_column` says
    train, validation or test, and `test_rows` is a file with the numbers of the rows to test on.
    `split_seed` draws the parts (default: the seed of the study, which draws all else). What is
    standardized follows from data and model where it is not said; "pixels" are bytes of images,
    divided by 255.
    """

    train_size: int | None = Field(None, ge=1)
    validation_split: float = Field(0.2, gt=0, lt=1)
    test_split: float = Field(0.2, gt=0, lt=1)
    standardize: bool | Literal["pixels"] | None = None
    standardize_targets: bool | None = None
    split: Literal["random", "ordered"] = "random"
    split_seed: int | None = Field(None, ge=0, lt=2**32)
    order_by: str | None = None
    group: str | None = None
    split_column: str | None = None
    test_rows: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_order(cls, table: Any) -> Any:
        """`order = "time"`, as it was called before; a column to order by says it too."""
        if not isinstance(table, Mapping):
            return table
        found = {name: table[name] for name in table if name != "order"}
        if "order" in table:
            found = {"split": {"time": "ordered"}.get(table["order"], table["order"])} | found
        return {"split": "ordered"} | found if found.get("order_by") is not None else found

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.order_by is not None and self.split != "ordered":
            raise ValueError('order_by is for split = "ordered"')
        if self.group is not None and self.split == "ordered":
            raise ValueError('group and split = "ordered" are two ways to split: give one')
        if self.split_column is not None and self.test_rows is not None:
            raise ValueError("split_column and test_rows both say which rows are the test part")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Those of a table that say where a row belongs: they are no features."""
        named = (self.group, self.split_column, self.order_by)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def says_parts(self) -> bool:
        """Whether rows are split in another way than by drawing them."""
        others = (self.group, self.split_column, self.test_rows)
        return self.split != "random" or others != (None, None, None)


SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|", "space": " ", "\\t": "\t"}
"""The signs between cells that have a name."""


class TableSettings(Table):
    """How tables are read, where it does not show: cells, missing values, dates, columns.

    `validation` and `test` are files with these parts, of the columns that the data have. Images
    are resized to `image_size`, "HEIGHTxWIDTH".
    """

    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    header: bool | None = None
    encoding: str | None = None
    missing: Literal["drop", "impute"] | None = None
    dates: Literal["drop", "numeric", "parts"] | None = None
    ignore: tuple[str, ...] = Field((), strict=False)
    category: tuple[str, ...] = Field((), strict=False)
    validation: str | None = None
    test: str | None = None
    image_size: str | None = Field(None, pattern=r"^[1-9]\d{0,3}x[1-9]\d{0,3}$")

    @property
    def size_of_images(self) -> tuple[int, int] | None:
        """Height and width that images get."""
        if self.image_size is None:
            return None
        height, width = map(int, self.image_size.split("x"))
        return height, width

    @field_validator("separator")
    @classmethod
    def _is_a_sign(cls, separator: str | None) -> str | None:
        if separator is None or separator in SEPARATORS:
            return SEPARATORS.get(separator or "")
        if len(separator) != 1 or not separator.isascii() or separator in '"\n\r':
            raise ValueError(f"expected one sign or {', '.join(SEPARATORS)}, got {separator!r}")
        return separator


DEFAULT_SPLIT = SplitSettings()
DEFAULT_TABLE = TableSettings()


def said(table: TableSettings, *, of_images: bool = False) -> str:
    """The first option that is said of a table, or is not `of_images`; "" where none is."""
    named = (name for name, value in table if value not in (None, ()))
    return next((name for name in named if not (of_images and name == "image_size")), "")


@dataclass(frozen=True)
class DataSettings:
    """Data to open: `source` is a name, a file or 'module:function'; `seed` splits them.

    With more than one fold a search judges on each row once, and needs no validation part. Rows
    stay `as_given` for a model that is not ours, until that is known. Rows (height, width) are
    `of_images` for a model that takes nothing else.
    """

    source: str
    target: str | None = None
    task: Task | None = None
    split: SplitSettings = DEFAULT_SPLIT
    table: TableSettings = DEFAULT_TABLE
    seed: int = 0
    folds: int = 1
    as_given: bool = False
    of_images: bool = False
