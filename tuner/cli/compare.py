"""tuner compare: how sure the answer is."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tuner.cli import options
from tuner.cli.options import option, positive

if TYPE_CHECKING:
    from tuner.comparison.result import ComparisonResult


@dataclass(frozen=True)
class Asked:
    """What a comparison is asked for."""

    jobs: int | None
    storage: str
    heartbeat: float
    as_json: bool
    quiet: bool
    verbose: bool
    seeds: int | None = None
    top: int | None = None
    splits: int | None = None
    budget: int | None = None
    dry_run: bool = False


@click.command()
@options.study
@option("--seeds", type=click.IntRange(min=2), help="Most seeds of one (default: of the study).")
@option("--top", type=positive, help="Compare only the best K variants, and the baselines.")
@option(
    "--splits",
    type=positive,
    help="Repeat on K splits of the rows (default: of the study).",
)
@option("--budget", type=positive, metavar="N", help="Most trainings on a split, in all.")
@option("--jobs", "-j", type=positive, help="Worker processes (default: one a core).")
@options.storage
@options.heartbeat
@option("--dry-run", is_flag=True, help="Say how many trainings it takes, and for how long.")
@options.as_json
@options.log_format
@option("--quiet", "-q", is_flag=True, help="No progress.")
@option("--verbose", "-v", is_flag=True, help="Warnings of the libraries, and tracebacks.")
@options.gathered(asked=Asked)
def compare(study: str, asked: Asked) -> None:
    """Train the best of each variant of STUDY on fresh seeds, and judge them on the test part.

    The best configuration of each variant and standard dropout at 0.5 are trained with the same
    seeds as the same networks without dropout, on train and validation part (or train_size rows).
    The best on two seeds goes on alone, and is judged on fresh ones until the answer is known; with
    fewer than 7 --seeds, all have all. The same command again completes what is missing; more
    --seeds, and more --splits, extend it.
    """
    from tuner.workers import pool

    if asked.dry_run:
        _plan(study, asked)
        return
    pool.prepare(verbose=asked.verbose)
    from tuner.api.reporting import write_report
    from tuner.cli import display, told
    from tuner.storage.connect import open_storage

    found, files = carry_out(study, asked)
    if not asked.as_json:
        print_verdict(found)
    files.append(write_report(study, open_storage(asked.storage)))
    told.tell(study, asked.storage)
    if asked.as_json:
        display.print_json(found.document([str(path) for path in files]))
    else:
        display.print_files(files)


def carry_out(study: str, asked: Asked) -> "tuple[ComparisonResult, list[Path]]":
    """Train what is missing of a comparison, judge it, and write the verdict and its plots."""
    from tuner.api import comparing, progress
    from tuner.api.processes import Processes
    from tuner.workers import runtime

    runtime.quiet(verbose=asked.verbose)
    plan = comparing.Plan(study, asked.storage, asked.seeds, asked.top, asked.splits, asked.budget)
    processes = Processes(asked.jobs, asked.heartbeat, asked.verbose)
    with progress.listening(quiet=asked.quiet, verbose=asked.verbose) as listen:
        return comparing.compare(plan, processes, listen, _typed(asked.storage))


def _plan(study: str, asked: Asked) -> None:
    from dataclasses import asdict

    from joblib import cpu_count

    from tuner.cli import display
    from tuner.comparison.candidates import choose
    from tuner.comparison.cost import cost_of
    from tuner.storage.connect import open_storage
    from tuner.study.reading import read
    from tuner.study.studies import load_study

    store = open_storage(asked.storage)
    results = read(load_study(study, store))
    n_seeds = asked.seeds or results.definition.compare.seeds
    cost = cost_of(results, choose(results, asked.top), n_seeds, store, asked.budget)
    n_jobs = asked.jobs or cpu_count()
    if asked.as_json:
        display.print_json(asdict(cost) | {"jobs": n_jobs})
    else:
        display.print_rows(("what", "would run"), cost.rows(n_jobs))


def _typed(url: str) -> str:
    """The command as it was typed, without the password of the store."""
    from tuner.storage.url import masked

    return shlex.join(["tuner", *(word.replace(url, masked(url)) for word in sys.argv[1:])])


def print_verdict(found: "ComparisonResult") -> None:
    """The tables of a comparison, and what is said of them."""
    from tuner.cli import display

    display.print_table(*found.table(), spare=("vs best", "n", "Holm p"))
    display.print_table(*found.more())
    if found.splits:
        display.print_table(*found.over_splits())
    for line in found.lines():
        display.say(line)
