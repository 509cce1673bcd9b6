"""What the shell completes: names of studies, variants, models, data sets."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import click
from click.shell_completion import CompletionItem

from tuner import DEFAULT_STORAGE

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


def engines(_ctx: click.Context, _param: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete the name of an engine, of other packages too."""
    from tuner.launch.engines import names as known

    return _starting(known(), start)


def _stored(params: Mapping[str, Any]) -> list[str]:
    """The studies of the store; none where it cannot be read, as a key press shows no error."""
    from tuner.storage import glance

    return glance.names(params.get("storage") or DEFAULT_STORAGE)


def _starting(known: Iterable[str], start: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in known if name.startswith(start)]


def _path(start: str) -> list[CompletionItem]:
    """Let the shell complete a path, where it may be one."""
    return [CompletionItem(start, type="file")]
