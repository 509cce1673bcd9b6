"""Commands with input that nobody means: what each has to keep to, whatever it is given."""

import contextlib
import faulthandler
import io
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
import unicodedata
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from tuner.cli.main import cli, run

SECONDS = float(os.environ.get("TUNER_FUZZ_SECONDS", "0"))
"""That a door is fuzzed for, each time with other input; 0: some input, always the same."""

_PATIENCE = 60
_LONGEST = 1500
_CALM = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


class HangingError(BaseException):
    """A command takes longer than anybody waits for a word on bad input."""


class WrongError(AssertionError):
    """A command did what none may; `kind` is the same for all that go the same way."""

    def __init__(self, kind, said):
        super().__init__(f"{kind}\n{said}")
        self.kind = kind


@dataclass(frozen=True)
class Case:
    """A command, and the files in the folder where it is given."""

    arguments: tuple[str, ...]
    files: dict[str, bytes] = field(default_factory=dict)

    def __str__(self):
        shown = {name: content[:1000] for name, content in list(self.files.items())[:4]}
        return f"tuner {' '.join(map(repr, self.arguments))}\n{shown}"[:6000]


def check(case, codes, folder=None):
    """Give the command, in a new folder or a copy of one; WrongError where it breaks its word."""
    place = Path(tempfile.mkdtemp(prefix="tuner-fuzz-"))
    with contextlib.chdir(place):
        try:
            if folder is not None:
                shutil.copytree(folder, place, dirs_exist_ok=True)
            for name, content in case.files.items():
                Path(name).parent.mkdir(parents=True, exist_ok=True)
                Path(name).write_bytes(content)
            before = _seen(place)
            code, said, error = _given(list(case.arguments))
            _judge(case, codes, (code, said, error), before, _seen(place))
            return code
        finally:
            shutil.rmtree(place)


def _judge(case, codes, found, before, after):
    code, said, error = found
    whole = f"{case}\nexit code {code}\n{said[-3000:]}"

    def wrong(kind):
        raise WrongError(f"{kind}{_where(error)}", whole + _trace(error)) from error

    if "an error in tuner?" in said or "Traceback" in said:
        wrong("an error in tuner")
    if isinstance(error, HangingError):
        wrong("hangs")
    if code not in codes:
        wrong(f"exit code {code}")
    lines = [line for line in said.splitlines() if line.startswith("Error: ")]
    is_left = said.endswith("nothing was deleted\n") or said.startswith("Usage: tuner store [OPT")
    if code in (1, 2, 3, 4) and lines != said.splitlines()[-1:] and not is_left:
        wrong("not one line that says what is wrong")
    if any(len(line) > _LONGEST for line in lines):
        wrong("a line too long to read")
    if any(unicodedata.category(sign) == "Cc" for line in lines for sign in line):
        wrong("signs that command a terminal")
    if code == 2 and before != after:
        wrong(f"has written {sorted(set(after.items()) ^ set(before.items()))[:3]}")


def _given(arguments):
    """The exit code of a command, what it says on stderr, and whether it hangs or leaves."""
    said, error, code = io.StringIO(), None, None
    with _limited(), contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = run(arguments)
        except (HangingError, SystemExit) as raised:
            error = raised
    if "an error in tuner?" in said.getvalue():
        error = _raised(arguments)
    return code, said.getvalue(), error


def _raised(arguments):
    """What a command raises, with the way it came."""
    with _limited(), contextlib.redirect_stderr(io.StringIO()):
        try:
            cli.main(arguments, standalone_mode=False)
        except BaseException as error:  # noqa: BLE001 (all that can go wrong is looked for)
            return error
    return None


@contextlib.contextmanager
def _limited():
    """HangingError after a while; where nothing can be raised, the process ends."""
    handler = signal.signal(signal.SIGALRM, _hang)
    faulthandler.dump_traceback_later(3 * _PATIENCE, exit=True, file=sys.__stderr__)
    signal.alarm(_PATIENCE)
    stdin, sys.stdin = sys.stdin, io.StringIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.stdin = stdin
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGALRM, handler)


def _hang(_number, _frame):
    raise HangingError


def _trace(error):
    return "" if error is None else "".join(traceback.format_exception(error))[-4000:]


def _where(error):
    """The last place of ours that an error came through."""
    if error is None:
        return ""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f"{Path(f.filename).name}:{f.lineno}" for f in frames if "/tuner/" in f.filename]
    last = Path(frames[-1].filename).name if frames else ""
    return f": {type(error).__name__} at {' '.join(ours[-1:])} in {last}"


def _seen(place):
    """The files of a folder with their sizes; what a database keeps beside its file is left out."""
    beside = ("-wal", "-shm", ".lock")
    return {
        str(path.relative_to(place)): path.stat().st_size if path.is_file() else -1
        for path in place.rglob("*")
        if not path.name.endswith(beside)
    }


def fuzz(cases, codes, folder=None, examples=20):
    """Check many cases: every kind of what goes wrong is told, with its shortest case."""
    if not SECONDS:
        _few(cases, codes, folder, examples)
        return
    until, wrong, ended = time.monotonic() + SECONDS, {}, Counter()
    while time.monotonic() < until:

        @seed(time.time_ns())
        @settings(max_examples=50, deadline=None, database=None, suppress_health_check=_CALM)
        @given(cases)
        def some(case):
            if time.monotonic() > until:
                return
            try:
                ended[f"{_name(case)} {check(case, codes, folder)}"] += 1
            except WrongError as error:
                known = wrong.get(error.kind)
                if known is None or len(str(error)) < len(known):
                    wrong[error.kind] = str(error)

        some()
    kinds = f"{ended.total()} cases ended as they should, {dict(sorted(ended.items()))}"
    print(kinds, file=sys.__stderr__)
    assert not wrong, "\n\n".join(f"=== {kind}\n{said}" for kind, said in wrong.items())


def _name(case):
    return case.arguments[0] if case.arguments[0] in cli.commands else "none of ours"


def _few(cases, codes, folder, examples):
    @settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=_CALM,
    )
    @given(cases)
    def some(case):
        check(case, codes, folder)

    some()
