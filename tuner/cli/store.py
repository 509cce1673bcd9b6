"""tuner store: check, upgrade, back up, restore and serve what holds the studies."""

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from tuner.cli import options, output
from tuner.errors import TunerError

_STREAM = Path("-")
_path = click.Path(path_type=Path)


@click.group()
def store() -> None:
    """Check, upgrade, back up, restore and serve the store."""


@store.command()
@options.storage
@click.option("--fix", is_flag=True, help="Hand back the trials of workers that are gone.")
@options.as_json
def check(storage: str, fix: bool, as_json: bool) -> None:
    """Look at schema, locks, clock and rows, and for trials whose workers are gone."""
    from dataclasses import asdict

    from tuner.cli import display
    from tuner.storage.health import examine

    checks = list(examine(storage, fix=fix))
    if as_json:
        display.print_json([asdict(each) for each in checks])
    else:
        display.print_checks(checks)
    if not all(each.ok for each in checks):
        raise TunerError("the store is not as it should be: see above")


@store.command()
@options.storage
@click.option("--yes", "-y", is_flag=True, help="A server: do not ask whether it is backed up.")
def upgrade(storage: str, yes: bool) -> None:
    """Bring the tables of an older Optuna to this one; of a file a copy is kept."""
    from tuner.storage import files
    from tuner.storage.copies import upgrade
    from tuner.storage.url import masked, parse

    parsed, keep = parse(storage), None
    if files.is_file(parsed):
        keep = _free(Path(f"{files.path_of(parsed)}.before"))
    elif not (yes or click.confirm(f"Is {masked(storage)} backed up (pg_dump)?", err=True)):
        raise TunerError("nothing was upgraded: back it up, and give --yes")
    before, now = upgrade(storage, keep)
    if before == now:
        output.echo(f"{masked(storage)}: has the tables of this Optuna ({now})")
    else:
        kept = "" if keep is None else f"; as it was: {keep}"
        output.echo(f"{masked(storage)}: from {before} to {now}{kept}")


def _free(path: Path) -> Path:
    """The path, or with a number behind it, if there is such a file."""
    n = 1
    while path.exists():
        path, n = path.with_suffix(f".before-{n}"), n + 1
    return path


@store.command()
@click.argument("file", type=_path)
@options.storage
def backup(file: Path, storage: str) -> None:
    """Write the store, as it is now, to FILE, a SQLite store itself ('-': to stdout).

    Workers may go on meanwhile.
    """
    from tuner.storage.copies import back_up

    with _place(file) as place:
        copied = back_up(storage, place)
        if file == _STREAM:
            with place.open("rb") as stream:
                shutil.copyfileobj(stream, output.stream().buffer)
    click.echo(f"{file}: {copied.studies} studies, {copied.trials} trials", err=True)


@store.command()
@click.argument("file", type=_path)
@options.storage
def restore(file: Path, storage: str) -> None:
    """Fill an empty store with FILE, which 'tuner store backup' has written ('-': from stdin).

    The store may be of the other kind: so a study moves from a file to Postgres, or back.
    """
    from tuner.storage.copies import restore
    from tuner.storage.url import masked

    with _place(file) as place:
        if file == _STREAM:
            with place.open("wb") as stream:
                shutil.copyfileobj(sys.stdin.buffer, stream)
        copied = restore(place, storage)
    click.echo(f"{masked(storage)}: {copied.studies} studies, {copied.trials} trials", err=True)


@store.command()
@options.storage
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8470,
    show_default=True,
    help="Port (0: any free one).",
)
@click.option(
    "--token-file",
    type=_path,
    default=Path("studies/store.token"),
    show_default=True,
    help="File of the token that workers need; made if it is missing.",
)
@click.option("--cert", type=_path, help="Certificate, for TLS (PEM).")
@click.option("--key", type=_path, help="Its key (PEM).")
def serve(
    storage: str, host: str, port: int, token_file: Path, cert: Path | None, key: Path | None
) -> None:
    """Serve the store to workers on other machines, which need no database then.

    Workers have --storage tuner+http://HOST:PORT (tuner+https:// with a certificate) and
    TUNER_STORAGE_TOKEN_FILE=FILE, a copy of the token that nobody else can read.
    """
    from tuner import sockets
    from tuner.errors import UsageError
    from tuner.server.serving import serve

    if (cert is None) != (key is None):
        raise UsageError("--cert needs --key, and --key needs --cert")
    tls = None if cert is None or key is None else (cert, key)
    listener = sockets.listen(host, port)
    where = sockets.address(listener, "tuner+http" if tls is None else "tuner+https")
    output.echo(f"{where} (token: {token_file})")
    serve(storage, listener, token_file, tls)


@contextlib.contextmanager
def _place(file: Path) -> Iterator[Path]:
    """Where a file is, or, for a stream, a file of its own."""
    if file != _STREAM:
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "store.db"
