"""What can go wrong for a user, each with the exit code it ends with."""

import difflib
import errno
import os
import re
import sysconfig
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FRAME = re.compile(r'File "([^"]+)", line (\d+), in (\S+)')
_DUMPED = re.compile(r'^  File "([^"]+)", line (\d+) in (\S+)', re.MULTILINE)
_OF_NOBODY = ("site-packages", "dist-packages", "__autograph_generated_file", "<frozen", "<string>")
_CELL = "ipykernel_"
_CONFIG = str(Path("keras", "src", "backend", "config.py"))
_OF_THE_DISK = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)


class TunerError(Exception):
    """The run failed; the message is one line for the user."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """What a notebook shows of it: the line, without the frames of tuner."""
        return [f"{type(self).__name__}: {self}"]


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
    if _is_of_keras_json(error):
        return UsageError(f"keras.json, in KERAS_HOME or ~/.keras: {one_line(error)}")
    if isinstance(error, MemoryError):
        return TunerError(f"there is not enough memory: {one_line(error)}")
    if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
        where = f"{error.filename}: " if error.filename else ""
        return UsageError(f"{where}{error.strerror}; what is in the store stays")
    return TunerError(f"{one_line(error)} (an error in tuner? --verbose shows where)")


def _is_of_keras_json(error: BaseException) -> bool:
    """Whether the import of Keras ended while it read that file."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].filename.endswith(_CONFIG) and frames[-1].name == "<module>"


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return one_line(getattr(error, "orig", None) or error)


def printable(text: str) -> str:
    """A text on one line, in which nothing can command a terminal: control signs as escapes."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)


def unknown(kind: str, name: str, valid: Iterable[str]) -> str:
    """Say that `name` is no `kind`, with the nearest valid name and all of them."""
    names = sorted(set(valid))
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


def with_place(error: BaseException) -> str:
    """`one_line` of what code of a user's raised, and its file and line: the last of theirs."""
    places = list(_places(error))
    return one_line(error) + (f" ({places[-1]})" if places else "")


def place_in(dump: str) -> str | None:
    """The file and line where a process was in code of a user's, from the dump of its stacks."""
    frames = (found.groups() for found in _DUMPED.finditer(dump))
    return next(_of_users((file, int(line), name) for file, line, name in frames), None)


def place_of(error: BaseException) -> str | None:
    """The file and line where an error was raised: the last of a user's."""
    return ([None, *_places(error)])[-1]


def _places(error: BaseException) -> Iterator[str]:
    """Where an error came through code of a user's; TensorFlow says in its text what it traced."""
    found = [
        (each.filename, each.lineno, each.name)
        for each in traceback.extract_tb(error.__traceback__)
    ]
    yield from _of_users((*found, *_FRAME.findall(str(error))))


def _of_users(frames: Iterable[tuple[str, object, str]]) -> Iterator[str]:
    """The frames that are in code of a user's, in words."""
    paths = sysconfig.get_paths()
    libraries = (*(paths[name] for name in ("stdlib", "platstdlib")), str(Path(__file__).parent))
    for file, line, name in frames:
        if file.startswith(libraries) or any(part in file for part in _OF_NOBODY):
            continue
        inside = "" if name == "<module>" else f", in {name}"
        if _CELL in file:
            yield f"line {line} of its cell{inside}"
        else:
            here = file.startswith(f"{Path.cwd()}{os.sep}")
            yield f"{os.path.relpath(file) if here else file}, line {line}{inside}"
