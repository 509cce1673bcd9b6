"""Contenders in processes of their own, which print what they measured as JSON."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

HERE = Path(__file__).resolve().parent


def run(module: str, *arguments: object, place: Path) -> Any:
    """What `python -m speed.MODULE ARGUMENTS` answers, run in the folder `place`."""
    command = [sys.executable, "-m", f"speed.{module}", *map(str, arguments)]
    return json.loads(call(command, place).splitlines()[-1])


def call(command: Sequence[str], place: Path) -> str:
    """What a command prints, run in the folder `place`; `networks` and `speed` are importable."""
    paths = [str(HERE), str(HERE.parent), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        command,
        cwd=place,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return done.stdout


USED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)
sys.exit(code)
"""
"""Runs a command: a process counts the memory of the one that it was forked from as its own."""


def used(command: Sequence[str], place: Path) -> tuple[float, float]:
    """The processor seconds of a command, and the most MB that it had."""
    seconds, megabytes = call([sys.executable, "-c", USED, *command], place).split()
    return float(seconds), float(megabytes)


def answer(measure: Callable[..., Any], *arguments: Any) -> None:
    """Print what `measure` gives as the last line; all else that is printed goes to stderr."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with contextlib.redirect_stdout(sys.stderr):
        measured = measure(*arguments)
    print(json.dumps(measured))
