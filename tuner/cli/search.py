"""tuner search."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from tuner.cli import completing, defining, options, placing
from tuner.cli.options import option, positive

if TYPE_CHECKING:
    from tuner.study.definition import StudyDefinition

_HERE = (
    "of workers that --on starts; a search on this machine has --jobs, and what a study sets has"
    " options of its own or is in its file"
)


@dataclass(frozen=True)
class Asked:
    """What a search is asked for, besides its definition."""

    add: int | None
    timeout: float | None
    jobs: int | None
    bundle: bool
    storage: str
    heartbeat: float
    dry_run: bool
    verdict: bool
    as_json: bool
    quiet: bool
    verbose: bool


@click.command()
@click.argument("study", required=False, shell_complete=completing.studies)
@defining.options
@option("--add", type=positive, help="Ask for that many more than before instead.")
@option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop after that long.")
@option("--jobs", "-j", type=positive, help="Worker processes (default: one a core).")
@placing.options
@options.bundle
@options.storage
@options.heartbeat
@option("--dry-run", is_flag=True, help="Say what would run, and for how long.")
@option("--verdict", is_flag=True, help="Then compare, as 'tuner compare' does.")
@options.as_json
@options.log_format
@option("--quiet", "-q", is_flag=True, help="No progress.")
@option("--verbose", "-v", is_flag=True, help="Warnings of the libraries, and tracebacks.")
@options.gathered(flags=defining.Flags, asked=Asked, placed=placing.Placing)
def search(study: str | None, flags: defining.Flags, asked: Asked, placed: placing.Placing) -> None:
    """Run STUDY until it has --trials finished trials, then show the answer.

    STUDY is a name under studies/, a path to a .toml, or a name in the store. The same command
    again completes what is missing. (default: noisy_digits) With --on its workers are those of an
    engine, as of 'tuner launch', and this waits for them.
    """
    from tuner.workers import pool

    if placed.on is None:
        placed.refuse(_HERE)
        if asked.bundle:
            raise click.UsageError(
                "--bundle is for workers elsewhere: with --on, or of 'tuner submit'"
            )
    if not asked.dry_run:
        pool.prepare(verbose=asked.verbose)
    definition = defining.definition(study, flags, asked.storage)
    if not asked.dry_run and _is_said(definition, asked):
        return
    from tuner.study.studies import check_names

    check_names(definition)
    if asked.dry_run:
        _plan(definition, verbose=asked.verbose, as_json=asked.as_json)
    elif placed.on is None:
        _search(definition, asked)
    else:
        _search_elsewhere(definition, asked, placed)


def _search_elsewhere(definition: "StudyDefinition", asked: Asked, placed: placing.Placing) -> None:
    from tuner.cli import elsewhere

    if asked.jobs is not None or asked.timeout is not None:
        raise click.UsageError("with --on: --workers says how many, --time how long each has")
    n_trials = elsewhere.carry_out(
        definition,
        placed,
        asked.storage,
        add=asked.add,
        bundled=asked.bundle,
        heartbeat=asked.heartbeat,
        quiet=asked.quiet,
        verbose=asked.verbose,
    )
    reached = definition.search.model_copy(update={"trials": n_trials})
    _search(definition.model_copy(update={"search": reached}), replace(asked, add=None))


def _search(definition: "StudyDefinition", asked: Asked) -> None:
    from tuner.api import progress, searching
    from tuner.api.processes import Processes
    from tuner.cli import ahead, compare, searched
    from tuner.workers import runtime

    runtime.quiet(verbose=asked.verbose)
    processes = Processes(asked.jobs, asked.heartbeat, asked.verbose)
    with progress.listening(quiet=asked.quiet, verbose=asked.verbose) as listen:
        results, files = searching.run(
            definition,
            asked.storage,
            processes,
            ahead.Ahead(asked.storage).listening(listen),
            timeout=asked.timeout,
            add=asked.add,
        )
    judged = None
    try:
        if asked.verdict or definition.compare.after_search:
            judged, more = compare.carry_out(definition.name, compare.Asked(**_shared(asked)))
            files += [path for path in more if path not in files]
    finally:  # what was searched is said, whatever became of the comparison
        searched.say(results, judged, files, asked.storage, as_json=asked.as_json)


def _is_said(definition: "StudyDefinition", asked: Asked) -> bool:
    """Whether nothing is left to do, which is said then."""
    if asked.add is not None or asked.verdict or definition.compare.after_search:
        return False
    from tuner.cli import searched

    return searched.is_said(definition, asked.storage, quiet=asked.quiet, as_json=asked.as_json)


def _shared(asked: Asked) -> dict[str, Any]:
    """What a comparison is asked for as its search was."""
    names = ("jobs", "storage", "heartbeat", "as_json", "quiet", "verbose")
    return {name: getattr(asked, name) for name in names}


def _plan(definition: "StudyDefinition", *, verbose: bool, as_json: bool) -> None:
    from tuner.cli import display
    from tuner.silence import silenced
    from tuner.workers import runtime

    runtime.quiet(verbose=verbose)
    with silenced(verbose=verbose):
        from tuner.workers import dry_run
    found = dry_run.measure(definition)
    if as_json:
        table, notes = found.resolved.definition.to_table(), list(found.resolved.notes)
        display.print_json(
            {"definition": table, "notes": notes, "seconds": round(found.seconds, 1)}
        )
    else:
        display.print_rows(("what", "would run"), found.rows())
