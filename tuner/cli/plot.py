"""tuner plot: the plots of a study as pictures, each with its data."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from tuner.cli import completing, options
from tuner.cli.options import option
from tuner.errors import TunerError, UsageError, unknown
from tuner.plots import DEFAULT, PLOTS
from tuner.study.folder import folder_of

if TYPE_CHECKING:
    from tuner.plots.helpers import Helpers

_FORMATS = ("png", "svg", "pdf")


class _Look(NamedTuple):
    """Which plots, and as what."""

    names: Sequence[str]
    formats: Sequence[str]
    is_column: bool


@click.command(epilog=f"NAME: {', '.join(PLOTS)}. Without one: {', '.join(DEFAULT)}.")
@options.perhaps_study
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completing.names(PLOTS))
@option("--format", "formats", default="png,svg", show_default=True, help="png, svg, pdf.")
@option("--column", is_flag=True, help="As wide as a column of print, instead of 16:9.")
@option("--out", type=click.Path(path_type=Path), help="Folder (default: studies/STUDY/plots).")
@click.option("--list", "listed", is_flag=True, help="Say what each plot shows.")
@options.storage
@options.as_json
def plot(
    study: str | None,
    names: tuple[str, ...],
    formats: str,
    column: bool,
    out: Path | None,
    listed: bool,
    storage: str,
    as_json: bool,
) -> None:
    """Draw the five plots of STUDY, or those named, each beside a .csv of what it shows.

    Where 'tuner compare' has been run, candidates have intervals over its seeds.
    """
    if listed:
        _list(as_json=as_json)
        return
    suffixes = [each.strip() for each in formats.split(",")]
    for kind, given, valid in (("plot", names, PLOTS), ("format", suffixes, _FORMATS)):
        for name in given:
            if name not in valid:
                raise UsageError(unknown(kind, name, valid))
    look = _Look(names or tuple(DEFAULT), suffixes, column)
    _draw(study or options.latest_in(storage), look, out, storage, as_json=as_json)


def _draw(study: str, look: _Look, out: Path | None, url: str, *, as_json: bool) -> None:
    from tuner.plots.helpers import helping

    with helping(len(look.names)) as helpers:  # before the libraries that they do without
        from tuner.cli import display

        files, left_out = _saved(study, look, out or folder_of(study) / "plots", url, helpers)
    for line in left_out:
        click.echo(f"left out {line}", err=True)
    if not files:
        raise TunerError(f"study {study!r} has too little for a plot")
    if as_json:
        display.print_json([str(path) for path in files])
    else:
        display.print_files(files)


def _saved(
    study: str, look: _Look, folder: Path, url: str, helpers: "Helpers"
) -> "tuple[list[Path], list[str]]":
    from tuner.comparison.companion import comparison_of
    from tuner.plots.saving import save_plots
    from tuner.plots.shapes import COLUMN, WIDE
    from tuner.storage.connect import open_storage
    from tuner.study.reading import read
    from tuner.study.studies import load_study
    from tuner.workers import runtime

    runtime.quiet()
    store = open_storage(url)
    results, compared = read(load_study(study, store)), comparison_of(study, store)
    return save_plots(
        results,
        folder,
        look.formats,
        compared=compared,
        names=look.names,
        shape=COLUMN if look.is_column else WIDE,
        helpers=helpers,
    )


def _list(*, as_json: bool) -> None:
    from tuner import importer
    from tuner.cli import display
    from tuner.workers import runtime

    runtime.quiet()

    docstrings = {name: importer.load(plot).__doc__ or "" for name, plot in PLOTS.items()}
    shown = {name: text.splitlines()[0] for name, text in docstrings.items()}
    if as_json:
        display.print_json(shown)
    else:
        display.print_rows(("plot", "shows"), shown.items())
