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


def as_tuner_error(error: BaseException) -> TunerError:
    """What a user is told of an error that nobody expected, as an error of ours."""
    if isinstance(error, TunerError):
        return error
    if type(error).__module__.startswith(("sqlalchemy", "optuna.exceptions", "optuna.storages")):
        return StoreError(f"the store failed: {_root(error)}")
    return TunerError(f"{one_line(error)} (an error in tuner? --verbose shows where)")


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return one_line(getattr(error, "orig", None) or error)


def unknown(kind: str, name: str, valid: Iterable[str]) -> str:
    """Say that `name` is no `kind`, with the nearest valid name and all of them."""
    names = sorted(valid)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"unknown {kind} {name!r}{hint} (valid: {listed(names) or 'none'})"


def listed(names: Iterable[str], most: int = 40) -> str:
    """Names with commas between them; of many the first, and how many more there are."""
    found = list(names)
    more = f" and {len(found) - most:,} more" if len(found) > most else ""
    return ", ".join(found[:most]) + more


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
