"""tuner dashboard: the store in a browser."""

from dataclasses import dataclass
from pathlib import Path

import click

from tuner.cli import options, output
from tuner.cli.options import option


@dataclass(frozen=True)
class Asked:
    """How the store is to be served, and to whom."""

    host: str
    port: int
    allow_host: tuple[str, ...]
    user: str
    password_file: Path | None
    no_token: bool
    writable: bool
    access_log: bool
    artifacts: Path | None
    every: float


@click.command()
@options.storage
@option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True)
@option("--allow-host", multiple=True, metavar="NAME", help="Another name of it (repeatable).")
@option("--user", default="tuner", show_default=True, help="Who may log in.")
@option(
    "--password-file",
    type=click.Path(path_type=Path),
    help="Holds the password or its hash (or TUNER_PASSWORD does); without one only this machine is"
    " served, and whoever opens the address that is printed, with its token.",
)
@option("--no-token", is_flag=True, help="Let everybody on this machine look, without a token.")
@option("--writable", is_flag=True, help="Let its users change and delete studies.")
@option("--access-log", is_flag=True, help="Log every answer, not only what fails.")
@option(
    "--artifacts",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIRECTORY",
    help="Folder of Optuna's artifacts.",
)
@option(
    "--every",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    default=5.0,
    show_default=True,
    help="Between two renewals of figures and notes at least; 0: never.",
)
@click.option("--refresh", is_flag=True, help="Renew figures and notes, and end.")
@click.option("--hash-password", is_flag=True, help="Ask for a password, print its hash, and end.")
@options.gathered(asked=Asked)
def dashboard(storage: str, hash_password: bool, refresh: bool, asked: Asked) -> None:
    """Show answers, reports and trials in a browser, read-only unless asked otherwise.

    Reports of all studies, which follow their trials, and optuna-dashboard, behind a login.
    """
    if hash_password:
        from werkzeug.security import generate_password_hash

        output.echo(generate_password_hash(_ask()))
    elif refresh:
        _refresh(storage)
    else:
        _serve(storage, asked)


def _serve(storage: str, asked: Asked) -> None:
    from tuner import sockets
    from tuner.dashboard import server
    from tuner.dashboard.app import application
    from tuner.dashboard.guard import LOOPBACK, Rules
    from tuner.dashboard.login import Token, read_login
    from tuner.errors import UsageError
    from tuner.storage.connect import can_be_made, open_storage
    from tuner.storage.url import masked
    from tuner.workers import runtime

    host, writable = asked.host, asked.writable
    login = read_login(asked.user, asked.password_file)
    if login is None and not server.is_loopback(host):
        raise UsageError(f"--host {host} serves other machines, which needs a --password-file")
    if login is None and asked.no_token and writable:
        raise UsageError("--writable needs a login or a token: leave out --no-token")
    runtime.quiet()
    open_storage(storage, create=can_be_made(storage)).database.engine.dispose()
    listener = sockets.listen(host, asked.port)
    is_open = login is None and asked.no_token
    token = None if is_open else Token()
    address = sockets.address(listener, "http")
    if login is None and token is not None:
        address += f"/?token={token.word}"
    access = "writable" if writable else "read-only"
    who = f"user {login.user}" if login else "no login" if is_open else "whoever has this address"
    output.echo(f"{masked(storage)} at {address} ({access}, {who})")
    names = [name.lower() for name in (*LOOPBACK, host, *asked.allow_host)]
    rules = Rules(login, token, names, writable, asked.access_log)
    server.serve(listener, application(storage, rules, asked.artifacts, asked.every))


def _refresh(storage: str) -> None:
    from optuna.storages import get_storage

    from tuner.dashboard.renewing import renew
    from tuner.storage.connect import open_storage

    database = open_storage(storage).database
    renewed = renew(database, get_storage(database))
    output.echo(f"renewed: {', '.join(renewed)}" if renewed else "everything is as it was")


def _ask() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
