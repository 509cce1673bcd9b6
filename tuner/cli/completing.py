"""What the shell completes: names of studies, variants, models, data sets."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from tuner import DEFAULT_STORAGE
from tuner.errors import TunerError

if TYPE_CHECKING:
    from sqlalchemy import Engine

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def names(known: Iterable[str], *, files: bool = False) -> Complete:
    """Complete one of `known`, and where `files` also a path."""

    def complete(_ctx: click.Context, _param: click.Parameter, start: str) -> list[CompletionItem]:
        return _starting(known, start) + (_path(start) if files else [])

    return complete


def variants(_ctx: click.Context, _param: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete the name of a variant."""
    from tuner.schema import VARIANTS

    return _starting(VARIANTS, start)


def studies(ctx: click.Context, _param: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete a study that the store has, or that a study file defines, or a path."""
    from tuner.study import study_file

    found = {*study_file.names(), *_stored(ctx.params)}
    return _starting(sorted(found), start) + _path(start)


def _stored(params: Mapping[str, Any]) -> list[str]:
    """The studies of the store; none where it cannot be read, as a key press shows no error."""
    import sqlalchemy
    from sqlalchemy.exc import SQLAlchemyError

    try:
        with _engine(params.get("storage") or DEFAULT_STORAGE).connect() as connection:
            return list(connection.scalars(sqlalchemy.text("SELECT study_name FROM studies")))
    except (SQLAlchemyError, TunerError, ImportError):
        return []


def _engine(url: str) -> "Engine":
    """An engine that reads; a SQLite file does not come into being by it."""
    import sqlalchemy

    found = sqlalchemy.make_url(url)
    if found.get_backend_name() == "sqlite":
        read_only = {"mode": "ro", "uri": "true"}
        return sqlalchemy.create_engine(
            found.set(database=f"file:{found.database}", query=read_only)
        )
    from tuner.storage.url import parse

    return sqlalchemy.create_engine(parse(url), connect_args={"connect_timeout": 1})


def _starting(known: Iterable[str], start: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in known if name.startswith(start)]


def _path(start: str) -> list[CompletionItem]:
    """Let the shell complete a path, where it may be one."""
    return [CompletionItem(start, type="file")]
