"""tuner worker: run what waits in a store."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tuner import logs
from tuner.cli import completing, options
from tuner.cli.options import option

_seconds = click.FloatRange(0, 1e8)
_UNTIL = (
    option("--watch", is_flag=True, help="Stay, and wait for more."),
    option("--idle", type=_seconds, metavar="SECONDS", help="Stay, and wait so long for more."),
    option("--max-trials", type=options.positive, help="End after so many trials."),
    option(
        "--max-time",
        type=_seconds,
        metavar="SECONDS",
        help="Hand the running trial back after that long, and end.",
    ),
    option(
        "--signal-code",
        type=click.IntRange(0, 255),
        default=0,
        help="Exit code of a worker that SIGTERM or SIGUSR1 ended, where 0 means all is done.",
    ),
)


@dataclass(frozen=True)
class Until:
    """When a worker ends: once nothing is left, unless it is told something else."""

    watch: bool
    idle: float | None
    max_trials: int | None
    max_time: float | None
    signal_code: int


@dataclass(frozen=True)
class Files:
    """Where checkpoints go, and whether code that studies bring is run."""

    checkpoints: Path | None
    unpack: bool


def _until(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say when a worker ends."""
    return options.several(command, _UNTIL)


@click.command()
@click.argument("studies", nargs=-1, metavar="[STUDY]...", shell_complete=completing.studies)
@_until
@options.storage
@options.heartbeat
@option(
    "--checkpoints",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for trials that are interrupted (default: studies/STUDY/checkpoints).",
)
@option("--unpack", is_flag=True, help="Run the code that studies bring: see --bundle of submit.")
@option(
    "--metrics-port",
    type=click.IntRange(1, 65535),
    help="Answer Prometheus there, on all addresses of this host.",
)
@options.log_format
@option("--quiet", "-q", is_flag=True, help="No progress.")
@option("--verbose", "-v", is_flag=True, help="Warnings of the libraries, and tracebacks.")
@options.gathered(until=Until, files=Files)
def worker(
    studies: tuple[str, ...],
    until: Until,
    storage: str,
    heartbeat: float,
    files: Files,
    metrics_port: int | None,
    quiet: bool,
    verbose: bool,
) -> None:
    """Run the trials that wait in the store, of the given studies or of all.

    As many workers as you like share the work, on any machine that reaches the store; each ends
    when nothing waits or runs any more. SIGTERM, SIGUSR1 and Ctrl-C hand the running trial back.
    """
    from tuner.workers import pool

    pool.prepare(verbose=verbose)
    from tuner.cli import ahead
    from tuner.workers import runtime
    from tuner.workers.messages import Asked
    from tuner.workers.monitor import Monitor
    from tuner.workers.supervisor import supervise

    runtime.quiet(verbose=verbose)
    given = (storage, studies, files.checkpoints, heartbeat, until.watch, quiet, verbose)
    asked = Asked(*given, until.max_trials, until.idle, files.unpack)

    def say(text: str) -> None:
        if logs.is_json():
            logs.say("worker", text)
        elif not quiet:
            click.echo(text, err=True)

    monitor, answers = Monitor(), ahead.Ahead(storage)

    def hear(message: Any) -> None:
        monitor.hear(message)
        answers.hear(message)

    if metrics_port is not None:
        monitor.serve(metrics_port)
    with runtime.stoppable() as stopping, _limited(stopping, until.max_time):
        ended = supervise("tuner.api.serving:work", (asked,), storage, stopping, say, hear)
    say(f"{ended} trials ended here")
    if not stopping.is_set():
        answers.over()
    if stopping.number is not None:
        click.get_current_context().exit(until.signal_code)


@contextlib.contextmanager
def _limited(stopping: threading.Event, seconds: float | None) -> Iterator[None]:
    """Set the event after so many seconds."""
    timer = threading.Timer(seconds or 0.0, stopping.set)
    timer.daemon = True
    if seconds is not None:
        timer.start()
    try:
        yield
    finally:
        timer.cancel()
