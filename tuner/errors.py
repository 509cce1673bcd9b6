"""What can go wrong for a user, each with the exit code it ends with."""

import difflib
import re
from collections.abc import Iterable

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


class TunerError(Exception):
    """The run failed; the message is one line for the user."""

    exit_code = 1


class UsageError(TunerError):
    """A bad option, study file, model or data file; nothing was written."""

    exit_code = 2


class StoreError(TunerError):
    """The store is unreachable, damaged or not ours."""

    exit_code = 3


class BudgetError(TunerError):
    """Fewer trials finished than asked: out of time, or too many failed."""

    exit_code = 4


def unknown(kind: str, name: str, valid: Iterable[str]) -> str:
    """Say that `name` is no `kind`, with the nearest valid name and all of them."""
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {name!r}{hint} (valid: {', '.join(names) or 'none'})"


def one_line(error: BaseException, limit: int = 300) -> str:
    """Type and message of an exception on one line, cut at `limit` characters.

    Of an error raised while TensorFlow traces a model, what was raised, without the frames; of an
    error in a Keras layer, without the arguments of the call.
    """
    text = _ANSI.sub("", str(error)).partition("Arguments received by")[0]
    if text.startswith("in user code:"):
        paragraphs = [part.strip() for part in text.split("\n\n")[1:]]
        text = " ".join(part for part in paragraphs if not part.startswith("File "))
    text = " ".join(text.split()).removeprefix(f"{type(error).__name__}: ")
    return f"{type(error).__name__}: {text}"[:limit].rstrip(": ")
