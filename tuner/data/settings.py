"""What the data of a study are, and how they are split and scaled."""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from tuner.data.spec import Task
from tuner.schema import Table


class SplitSettings(Table):
    """How rows are split and standardized; sizes are shares, or numbers of rows to train on.

    Rows in the order of "time" are not drawn: validation and test part are the last ones. What is
    standardized follows from data and model where it is not said.
    """

    train_size: int | None = Field(None, ge=1)
    validation_split: float = Field(0.2, gt=0, lt=1)
    test_split: float = Field(0.2, gt=0, lt=1)
    standardize: bool | None = None
    standardize_targets: bool | None = None
    order: Literal["random", "time"] = "random"


class TableSettings(Table):
    """How tables are read, where it does not show: cells, missing values, dates, columns.

    `test` is a file with that part, of the columns that the data have.
    """

    separator: str | None = Field(None, min_length=1, max_length=9)
    decimal: Literal[".", ","] | None = None
    header: bool | None = None
    encoding: str | None = None
    missing: Literal["drop", "impute"] | None = None
    dates: Literal["drop", "numeric", "parts"] | None = None
    ignore: tuple[str, ...] = Field((), strict=False)
    category: tuple[str, ...] = Field((), strict=False)
    test: str | None = None


DEFAULT_SPLIT = SplitSettings()
DEFAULT_TABLE = TableSettings()


def said(table: TableSettings) -> str:
    """The first option that is said of a table; "" where none is."""
    return next((name for name, value in table if value not in (None, ())), "")


@dataclass(frozen=True)
class DataSettings:
    """Data to open: `source` is a name, a file or 'module:function'; `seed` splits them.

    With more than one fold a search judges on each row once, and needs no validation part. Rows
    stay `as_given` for a model that is not ours, until that is known.
    """

    source: str
    target: str | None = None
    task: Task | None = None
    split: SplitSettings = DEFAULT_SPLIT
    table: TableSettings = DEFAULT_TABLE
    seed: int = 0
    folds: int = 1
    as_given: bool = False
