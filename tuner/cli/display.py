"""What a terminal shows: tables on stdout, progress on stderr."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from tuner.cli import output
from tuner.cli.told import Told

if TYPE_CHECKING:
    from tuner.storage.health import Check

_PIPE_WIDTH = 120
_MANY = 1000
"""Rows from which on each is one line, however long: what Rich does to fit them takes too long."""


def stdout() -> Console:
    """The console for results; on a pipe plain text of a fixed width."""
    stream = output.stream()
    return Console(file=stream, width=None if stream.isatty() else _PIPE_WIDTH, highlight=False)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    output.stream().write(json.dumps(value, indent=2, allow_nan=False) + "\n")


def print_answer(told: Told) -> None:
    """The answer, the table of a search, and how far to trust it."""
    print_lines(told)
    console = stdout()
    console.print(that_fits(told, console))
    for line in told.below:
        say(line)


_ROOMS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (0, ()), (1, ()), (1, ("pruned",)), (1, ("pruned", "gap")), (2, ("pruned", "gap")),
)  # fmt: skip
"""Which table of the variants is shown, and what it is without, where there is less room."""


def that_fits(told: Told, console: Console) -> Table:
    """The table of variants with as much as has room on one line each."""
    texts = ("variant", "best params")
    rooms = ((*told.tables[place], without) for place, without in _ROOMS)
    tables = (_aligned(*each, texts, wraps=False) for each in rooms)
    return _first_that_fits(tables, console)


def _aligned(
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    without: Sequence[str],
    texts: Sequence[str],
    *,
    wraps: bool,
) -> Table:
    """Columns of texts, and of numbers below each other, but those that it is without."""
    table = Table(box=SIMPLE_HEAD)
    kept = [place for place, title in enumerate(titles) if title not in without]
    for title in (titles[place] for place in kept):
        is_text = title in texts
        justify: JustifyMethod = "left" if is_text else "right"
        table.add_column(title, justify=justify, no_wrap=is_text or not wraps)
    for row in rows:
        table.add_row(*(escape(row[place]) for place in kept))
    return table


def _first_that_fits(tables: Iterable[Table], console: Console) -> Table:
    """The first with one line for each row, or the last."""
    endless = console.options.update(max_width=10_000)
    for table in tables:
        if Measurement.get(console, endless, table).maximum <= console.width:
            break
    return table


def print_lines(told: Told) -> None:
    """The lines of an answer, each behind its name."""
    for name, text in told.lines:
        say(f"{name}: {text}")


def print_files(files: Sequence[Path]) -> None:
    """The files that were written, a folder a line, as a shell would write them together."""
    for folder in dict.fromkeys(path.parent for path in files):
        suffixes: dict[str, list[str]] = {}
        for path in files:
            if path.parent == folder:
                suffixes.setdefault(path.stem, []).append(path.suffix.removeprefix("."))
        stems: dict[str, list[str]] = {}
        for stem, found in suffixes.items():
            stems.setdefault(_together(found), []).append(stem)
        names = (f"{_together(found)}.{suffix}" for suffix, found in stems.items())
        say(f"{folder}/: {' '.join(names)}")


def _together(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{{{','.join(names)}}}"


def say(text: str) -> None:
    """A line on stdout, wrapped at words on a terminal only."""
    console = stdout()
    console.print(text, markup=False, soft_wrap=not console.is_terminal)


def print_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    texts: int = 1,
    spare: Sequence[str] = (),
) -> None:
    """A table that begins with columns of texts; the others are numbers, below each other.

    Those that are spare are left out, the first of them first, as long as lines are too long.
    """
    console, cells = stdout(), list(rows)
    spared = (spare[:n] for n in range(len(spare) + 1))
    tables = (_aligned(titles, cells, each, titles[:texts], wraps=True) for each in spared)
    console.print(_first_that_fits(tables, console))


def print_rows(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A plain table on stdout; of many rows each is one line."""
    texts = [["-" if cell is None else str(cell) for cell in row] for row in rows]
    if len(texts) < _MANY:
        stdout().print(plain_table(titles, texts))
    else:
        output.stream().writelines(f"{line}\n" for line in _lines(titles, texts))


def _lines(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The lines of a table that looks like the others, its columns as wide as what is in them."""
    texts = [[_printable(text) for text in row] for row in (titles, *rows)]
    widths = [max(map(_width, column)) for column in zip(*texts, strict=True)]
    head, *rest = (
        "  ".join(text + " " * (n - _width(text)) for text, n in zip(row, widths, strict=True))
        for row in texts
    )
    yield from ("", f" {head.rstrip()}", "─" * (sum(widths) + 2 * len(widths)))
    yield from (f" {line.rstrip()}" for line in rest)


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def _width(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)


def print_checks(checks: "Iterable[Check]") -> None:
    """What was looked at, a line each."""
    rows = (("ok" if each.ok else "NOT OK", each.what, each.found) for each in checks)
    print_rows(("", "", "found"), rows)


def plain_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """Columns as wide as what is in them."""
    table = Table(*titles, box=SIMPLE_HEAD)
    for row in rows:
        table.add_row(*(escape("-" if cell is None else str(cell)) for cell in row))
    return table
