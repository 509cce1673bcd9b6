"""tuner submit, worker: put trials into a store, and run what waits there."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tuner import logs
from tuner.cli import completing, defining, options, output
from tuner.cli.options import option

if TYPE_CHECKING:
    from tuner.study.definition import StudyDefinition
    from tuner.study.submission import Submission

_seconds = click.FloatRange(0, 1e8)


@click.command()
@click.argument("study", required=False, shell_complete=completing.studies)
@defining.options
@option("--add", type=click.IntRange(min=1), help="Ask for that many more than before instead.")
@options.bundle
@click.option("--compare", is_flag=True, help="Put the comparison of its candidates there instead.")
@options.storage
@option("--verbose", "-v", is_flag=True, help="Warnings of the libraries, and tracebacks.")
@options.gathered(flags=defining.Flags)
def submit(
    study: str | None,
    flags: defining.Flags,
    add: int | None,
    bundle: bool,
    compare: bool,
    storage: str,
    verbose: bool,
) -> None:
    """Put STUDY and its trials into the store, for the workers of 'tuner worker' to run.

    STUDY is as for 'tuner search'. The same command again queues what is missing.
    """
    from tuner.storage.url import masked

    definition = defining.definition(study, flags, storage)
    if compare:
        _submit_comparison(definition, storage)
        return
    submission = queue(definition, storage, add=add, bundled=bundle, verbose=verbose)
    budget = submission.fill()
    output.echo(
        f"{definition.name}: {submission.before.finished} of {budget} trials finished;"
        f" 'tuner worker' runs the others ({masked(storage)})"
    )


def queue(
    definition: "StudyDefinition", storage: str, *, add: int | None, bundled: bool, verbose: bool
) -> "Submission":
    """Put a study into the store; what is missing is queued by `fill` of what is given."""
    from tuner.silence import silenced
    from tuner.study.studies import check_names
    from tuner.workers import runtime

    check_names(definition)
    runtime.quiet(verbose=verbose)
    with silenced(verbose=verbose):
        from tuner.data.loading import open_dataset
        from tuner.study.submission import Submission
        from tuner.workers.resolve import resolve

        dataset = open_dataset(definition.data_settings)
        resolved = resolve(definition, dataset.train_validation)
    submission = Submission(
        storage,
        resolved.definition,
        resolved.space,
        dataset.train_validation,
        dataset.fingerprint,
        add,
        notes=resolved.notes,
    )
    for note in resolved.notes:
        click.echo(note, err=True)
    submission.notice = partial(click.echo, err=True)
    if bundled:
        from tuner.study import bundle
        from tuner.workers.bundled import files_of

        here = Path.cwd().resolve()
        bundle.put(submission.study, bundle.pack(files_of(definition, here), here))
    return submission


def _submit_comparison(definition: "StudyDefinition", storage: str) -> None:
    """Queue the candidates of a study, with the seeds that its definition asks for."""
    from tuner.comparison import candidates
    from tuner.comparison.companion import ComparisonStudy, open_seal
    from tuner.data.loading import open_sealed
    from tuner.storage.connect import open_storage
    from tuner.storage.url import masked
    from tuner.study.reading import read
    from tuner.study.studies import load_study

    study = load_study(definition.name, open_storage(storage))
    results, n_seeds = read(study), definition.compare.seeds
    chosen = candidates.choose(results)
    for split in range(definition.compare.splits):
        data = open_sealed(results.definition.data_settings, split).train_validation
        companion = ComparisonStudy(storage, results, chosen, n_seeds, data, split)
        if not companion.is_finished:
            open_seal(study, "tuner submit --compare")
        done = f"{companion.before.finished} of {companion.fill()} trials finished"
        name = companion.study.study_name
        output.echo(f"{name}: {done}; 'tuner worker' runs the others ({masked(storage)})")


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
)


@dataclass(frozen=True)
class Until:
    """When a worker ends: once nothing is left, unless it is told something else."""

    watch: bool
    idle: float | None
    max_trials: int | None
    max_time: float | None


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

    monitor = Monitor()
    if metrics_port is not None:
        monitor.serve(metrics_port)
    with runtime.stoppable() as stopping, _limited(stopping, until.max_time):
        ended = supervise("tuner.api.serving:work", (asked,), storage, stopping, say, monitor.hear)
    say(f"{ended} trials ended here")


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
