"""Tables with a column of images, as bytes or as the names of their files, and one to predict."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tuner.data._aside import with_split_column
from tuner.data._pictures import Pictures, TableOf, pictures_of
from tuner.data._raw import RawData
from tuner.data.images import Images, decoded
from tuner.data.settings import SplitSettings, TableSettings
from tuner.data.tabular import understood
from tuner.errors import UsageError

Files = Mapping[str, Sequence[Path]]
"""The files of each part, by the end of its name in RawData."""


def read_image_table(
    files: Files,
    target: str | None,
    settings: TableSettings,
    split: SplitSettings,
    table_of: TableOf,
) -> RawData | None:
    """The images of tables with what is to be predicted of them; None where there are none.

    `table_of` reads a file that is no Parquet. Raises UsageError where other columns stand beside,
    or an image is missing.
    """
    found = {
        (end, file): pictures_of(file, target, settings, table_of)
        for end, of_part in files.items()
        for file in of_part
    }
    pictures = [each for each in found.values() if each is not None]
    if not pictures:
        return None
    source = str(next(iter(found))[1])
    if len(pictures) < len(found):
        raise UsageError(f"{source}: has images, and another file of the data has none")
    column, first = pictures[0].column, pictures[0].table
    split = with_split_column(first, split, target, settings.ignore)
    target = _target(pictures[0], target, (*settings.ignore, *split.columns), source)
    tables = _by_part(found, column, target)
    tabular = understood(tables, settings, target=target, split=split)
    rows = [np.asarray(part.x)[:, 0].astype(int) for part in tabular.parts]
    names = [name for each in pictures for name in each.names]
    parts = {
        end: Images([names[n] for n in chosen], part.y)
        for end, chosen, part in zip(files, rows, tabular.parts, strict=True)
    }
    kept = np.isin(np.arange(len(names)), np.concatenate(rows))
    state = (column, kept.tobytes(), [each.state for each in pictures])

    def contents() -> Iterator[bytes]:
        return itertools.compress(itertools.chain(*(each.contents() for each in pictures)), kept)

    raw = decoded(str(Path(source).resolve()), parts, contents, state, settings)
    for end, part in zip(files, tabular.parts, strict=True):
        raw = raw.with_columns(end, part.aside, split)
    return replace(raw, notes=(f"images are in column {column!r}", *raw.notes, *tabular.notes))


def _target(pictures: Pictures, target: str | None, apart: Sequence[str], source: str) -> str:
    """The column to predict: the only one besides, where it is not named."""
    left = [name for name in pictures.table.column_names if name not in apart]
    found = target or next(iter(left[::-1]), None)
    if found is None:
        raise UsageError(f"{source}: no column besides {pictures.column!r}: nothing to predict")
    if others := [name for name in left if name != found]:
        raise UsageError(
            f"{source}: images {pictures.column!r} are learned from alone: --ignore"
            f" {' --ignore '.join(others)}, or --ignore {pictures.column}"
        )
    return found


def _by_part(
    found: Mapping[tuple[str, Path], Any], column: str, target: str
) -> dict[str, pa.Table]:
    """The tables of each part as one, with the numbers of the images in place of these."""
    tables: dict[str, list[pa.Table]] = {}
    names: dict[str, str] = {}
    start = 0
    for (end, file), each in found.items():
        numbers = pa.array(np.arange(start, start := start + each.table.num_rows))
        table = _with_names(each.table, target).append_column(column, numbers)
        tables.setdefault(end, []).append(table)
        names.setdefault(end, str(file))
    return {
        names[end]: pa.concat_tables(of_part, promote_options="permissive")
        for end, of_part in tables.items()
    }


def _with_names(table: pa.Table, target: str) -> pa.Table:
    """A table of Hugging Face with the names of its classes, which it has beside their numbers."""
    known = json.loads((table.schema.metadata or {}).get(b"huggingface", b"{}"))
    named = known.get("info", {}).get("features", {}).get(target, {})
    names = named.get("names") if isinstance(named, dict) else None
    if not names or not pa.types.is_integer(table[target].type):
        return table
    numbers = table[target].to_pylist()
    lacking = [n for n in numbers if n is not None and not 0 <= n < len(names)]
    if lacking:
        raise UsageError(f"column {target!r}: {lacking[0]} is the number of no class (no label?)")
    column = pa.array([None if n is None else names[n] for n in numbers], pa.string())
    return table.set_column(table.column_names.index(target), target, column)
