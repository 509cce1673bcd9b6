"""Stdout is for what is asked for: what code of a user's prints goes to stderr."""

import os
import sys
from typing import TextIO

import click

_ours: TextIO | None = None


def stream() -> TextIO:
    """Where results are written."""
    return _ours or sys.stdout


def echo(text: str) -> None:
    """A line of the results."""
    click.echo(text, file=stream())


def claim() -> None:
    """Keep stdout for results: for all others, and for processes begun here, it is stderr now."""
    global _ours  # noqa: PLW0603 (a process has one stdout)
    if _ours is not None or sys.stdout is None:
        return
    sys.stdout.flush()
    kept = os.dup(1)
    _ours = os.fdopen(kept, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors)
    os.dup2(2, 1)
    sys.stdout = sys.stderr


def close() -> None:
    """Write what is left; BrokenPipeError where nobody reads any more."""
    if _ours is not None:
        _ours.flush()
