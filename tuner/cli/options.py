"""Options that several commands share."""

import functools
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import click
from click.core import ParameterSource

from tuner import DEFAULT_STORAGE, logs
from tuner.cli import completing
from tuner.storage.settings import HEARTBEAT


def option(*names: str, **settings: Any) -> Callable[[Any], Any]:
    """click.option that also reads TUNER_<OPTION>."""
    long = next(name for name in names if name.startswith("--")).split("/")[0]
    settings.setdefault("envvar", "TUNER_" + long.removeprefix("--").replace("-", "_").upper())
    return click.option(*names, **settings)


def gathered(**kinds: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command, for each of these dataclasses, its options as one argument of that name."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(**given: Any) -> None:
            made = {
                name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
                for name, kind in kinds.items()
            }
            command(**made, **given)

        return run

    return decorate


def several(
    command: Callable[..., Any], options: Sequence[Callable[[Any], Any]]
) -> Callable[..., Any]:
    """Give a command these options, in this order."""
    return functools.reduce(lambda made, add: add(made), reversed(options), command)


positive = click.IntRange(1, 10_000_000)
_SECRET = re.compile(r"://[^/?#@]*:[^/?#@]+@|[?&]\w*password=[^&]")


def _seen_by_all(context: click.Context, parameter: click.Parameter, url: str) -> str:
    """A password in an argument can be read in the list of processes."""
    source = context.get_parameter_source(parameter.name or "")
    if source is ParameterSource.COMMANDLINE and _SECRET.search(url):
        click.echo(
            "Warning: other accounts of this machine can see the password in this command: put the"
            " URL into TUNER_STORAGE, or it into a file that TUNER_STORAGE_PASSWORD_FILE names",
            err=True,
        )
    return url


storage = option(
    "--storage",
    callback=_seen_by_all,
    envvar=["TUNER_STORAGE", "OPTUNA_STORAGE"],
    metavar="URL",
    default=DEFAULT_STORAGE,
    show_default=True,
    help="Database URL of the store (also TUNER_STORAGE, OPTUNA_STORAGE).",
)
heartbeat = option(
    "--heartbeat",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    default=HEARTBEAT,
    show_default=True,
    help="Between two signs of life of a running trial; where four are missing, another worker"
    " takes it.",
)


def _begin_log(_context: click.Context, _parameter: click.Parameter, form: str) -> None:
    os.environ[logs.NAME] = form
    logs.begin()


log_format = option(
    "--log-format",
    type=click.Choice(logs.FORMATS),
    default="text",
    show_default=True,
    expose_value=False,
    callback=_begin_log,
    help="What goes to stderr; json: an object a line.",
)
bundle = option(
    "--bundle",
    is_flag=True,
    help="Put its modules and data under this folder into the store, for workers with --unpack.",
)
as_json = option("--json", "as_json", is_flag=True, help="Print one JSON document.")


def study(command: Callable[..., None]) -> Callable[..., None]:
    """The argument STUDY; without it the latest one of the store, which is said."""

    @functools.wraps(command)
    def run(study: str | None, storage: str, **given: Any) -> None:
        command(study=study or latest_in(storage), storage=storage, **given)

    return perhaps_study(run)


perhaps_study = click.argument("study", required=False, shell_complete=completing.studies)


def latest_in(url: str) -> str:
    """The latest study of a store, which is said on stderr."""
    from tuner.storage import glance

    name = glance.latest(url)
    if name is None:
        from tuner.storage.connect import open_storage
        from tuner.study.studies import latest

        name = latest(open_storage(url))
    click.echo(f"study {name}, the latest of the store", err=True)
    return name
