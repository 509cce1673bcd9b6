"""The options that say how tables are read, for the commands that define a study."""

from dataclasses import asdict, dataclass
from typing import Any

import click

from tuner.cli.options import option

OPTIONS = (
    option(
        "--separator",
        metavar="SIGN",
        help="Between cells: , ; tab | space (default: as the file shows).",
    ),
    option(
        "--decimal", type=click.Choice([".", ","]), help="The decimal mark (default: as found)."
    ),
    option("--header/--no-header", default=None, help="Whether the first row has the names."),
    option("--encoding", metavar="NAME", help="Of text (default: UTF-8, or as the bytes show)."),
    option(
        "--missing",
        type=click.Choice(["drop", "impute"]),
        help="Rows that lack a value: leave out, or fill by the training rows (default: refuse).",
    ),
    option(
        "--dates",
        type=click.Choice(["drop", "numeric", "parts"]),
        help="Dates: leave out, seconds since 1970, or year, month, weekday, ...",
    ),
    option("--ignore", multiple=True, metavar="COLUMN", help="Leave a column out (repeatable)."),
    option(
        "--category",
        multiple=True,
        metavar="COLUMN",
        help="Take what is in a column for names, numbers too (repeatable).",
    ),
    option("--validation", metavar="FILE", help="A table with the validation part."),
    option("--test", metavar="FILE", help="A table with the test part."),
    option("--image-size", metavar="HEIGHTxWIDTH", help="Resize images to it."),
)


@dataclass(frozen=True)
class TableFlags:
    """What the command line says of tables; None, or nothing, where it does not."""

    separator: str | None
    decimal: str | None
    header: bool | None
    encoding: str | None
    missing: str | None
    dates: str | None
    ignore: tuple[str, ...]
    category: tuple[str, ...]
    validation: str | None
    test: str | None
    image_size: str | None

    def table(self) -> dict[str, Any]:
        """What was given, by the dotted keys of a study file."""
        given = {f"table.{name}": value for name, value in asdict(self).items()}
        return {key: value for key, value in given.items() if value not in (None, ())}
