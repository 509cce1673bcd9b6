"""The table as a file: trainings as lines of JSON while it is made, then one Parquet file."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from table import lines

FILE = Path(__file__).with_name("table.parquet")
ABOUT = b"tables"
"""The key of the file's metadata under which `Study.about` of each table stands, as JSON."""
SCHEMA = pa.schema(
    [
        ("table", pa.dictionary(pa.int8(), pa.string())),
        ("variant", pa.dictionary(pa.int8(), pa.string())),
        ("rate", pa.float32()),
        ("width", pa.int16()),
        ("seed", pa.int16()),
        ("validation", pa.list_(pa.float32())),
        ("train", pa.float32()),
        ("test", pa.float32()),
        ("seconds", pa.float32()),
    ]
)


@dataclass(frozen=True)
class Training:
    """One training: the metric on the validation part after each epoch, elsewhere at the end.

    A training that diverged has the epochs before, and NaN at its end.
    """

    variant: str
    rate: float
    width: int
    seed: int
    validation: list[float]
    train: float
    test: float
    seconds: float

    @property
    def key(self) -> tuple[str, float, int, int]:
        """What tells it from the others of its table."""
        return self.variant, self.rate, self.width, self.seed


def read_raw(path: Path) -> list[Training]:
    """The trainings that were written line by line."""
    return lines.read(path, Training)


def write(
    path: Path, trainings: Mapping[str, Iterable[Training]], about: Mapping[str, Any]
) -> None:
    """One Parquet file of all tables, and about each what its study says."""
    rows = [
        {"table": name, **asdict(each)}
        for name, found in trainings.items()
        for each in sorted(found, key=lambda each: each.key)
    ]
    schema = SCHEMA.with_metadata({ABOUT: json.dumps(about)})
    beside = path.with_suffix(".writing")
    parquet.write_table(
        pa.Table.from_pylist(rows, schema), beside, compression="zstd", compression_level=19
    )
    beside.replace(path)


def read(path: Path = FILE) -> tuple[dict[str, list[Training]], dict[str, Any]]:
    """The trainings by table, and what is known about each table."""
    found = parquet.read_table(path)
    trainings: dict[str, list[Training]] = {}
    for row in found.to_pylist():
        row["rate"] = round(row["rate"], 6)
        trainings.setdefault(row.pop("table"), []).append(Training(**row))
    return trainings, json.loads(found.schema.metadata[ABOUT])
