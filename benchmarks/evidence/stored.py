"""Trainings as files: lines of JSON while they are made, then one Parquet file for each part."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyarrow as pa
from evidence.case import Training
from pyarrow import parquet
from table import lines

FOLDER = Path(__file__).parents[1] / "reference"
SCHEMA = pa.schema(
    [
        ("case", pa.dictionary(pa.int16(), pa.string())),
        ("seed", pa.int16()),
        ("params", pa.dictionary(pa.int16(), pa.string())),
        ("train", pa.list_(pa.float32())),
        ("validation", pa.list_(pa.float32())),
        ("measured", pa.map_(pa.string(), pa.float64())),
        ("seconds", pa.float32()),
        ("threads", pa.int16()),
        ("processor", pa.dictionary(pa.int16(), pa.string())),
    ]
)


def read_raw(path: Path) -> list[Training]:
    """The trainings that were written line by line."""
    return lines.read(path, Training)


def write(part: str, trainings: Iterable[Training], about: Mapping[str, Any]) -> None:
    """The Parquet file of a part, with what is known about it."""
    rows = [
        asdict(each) | {"params": json.dumps(each.params), "measured": list(each.measured.items())}
        for each in sorted(trainings, key=lambda each: each.key)
    ]
    for row in rows:
        del row["part"]
    schema = SCHEMA.with_metadata({"about": json.dumps(about)})
    table = pa.Table.from_pylist(rows, schema)
    FOLDER.mkdir(exist_ok=True)
    beside = FOLDER / f"{part}.writing"
    parquet.write_table(table, beside, compression="zstd", compression_level=19)
    beside.replace(FOLDER / f"{part}.parquet")


def read(part: str) -> tuple[list[Training], dict[str, Any]]:
    """The trainings of a part, and what is known about it; nothing where there is no file."""
    path = FOLDER / f"{part}.parquet"
    if not path.is_file():
        return [], {}
    found = parquet.read_table(path)
    rows = [
        {**row, "params": json.loads(row["params"]), "measured": dict(row["measured"])}
        for row in found.to_pylist()
    ]
    return [Training(part=part, **row) for row in rows], json.loads(found.schema.metadata[b"about"])
