"""tuner search."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tuner import DEFAULT_STORAGE
from tuner.commands import options
from tuner.commands.options import option
from tuner.errors import UsageError

if TYPE_CHECKING:
    from tuner.definition import StudyDefinition
    from tuner.results import Results

_FLAGS = {
    "trials": "search.trials",
    "sampler": "search.sampler",
    "pruner": "search.pruner",
    "seed": "search.seed",
    "data": "data",
    "target": "target",
    "task": "task",
    "model": "model",
    "metric": "metric",
    "variant": "space.variant",
    "width": "space.width",
    "per_site_rate": "space.per_site_rate",
    "epochs": "training.epochs",
    "name": "name",
}
_positive = click.IntRange(min=1)


@click.command()
@click.argument("study", required=False)
@option("--trials", "-n", "--n-trials", type=_positive, help="Finished trials in the study.")
@option("--add", type=_positive, help="Run that many more instead.")
@option("--timeout", type=click.FloatRange(min=0), metavar="SECONDS", help="Stop after that long.")
@option("--jobs", "-j", type=_positive, help="Worker processes (default: one a core).")
@options.storage
@option("--data", help="digits, mnist, ...; a .npz, .csv or .parquet; or module:function.")
@option("--target", metavar="COLUMN", help="The column to predict (default: the last one).")
@option("--task", type=click.Choice(["classification", "regression"]), help="Default: by target.")
@option("--model", help="mlp, cnn; a .keras file; or module:function.")
@option("--metric", help="accuracy, nll; rmse, mae, mse. The direction follows from it.")
@option("--variant", multiple=True, help="Search this variant only (repeatable).")
@option("--rate", nargs=2, type=float, metavar="LOW HIGH", help="Range of the rate.")
@option("--per-site-rate", is_flag=True, default=None, help="A rate for each dropout place.")
@option("--width", multiple=True, type=_positive, help="A layer width to choose (repeatable).")
@option("--epochs", type=_positive, help="Epochs of a trial that is not pruned.")
@option("--sampler", help="tpe, random, grid, qmc, gp, nsgaii.")
@option("--pruner", help="successive_halving, hyperband, median, patient, none.")
@option("--seed", type=click.IntRange(0, 2**32 - 1), help="All randomness of the study.")
@option("--name", help="Name of the study in the store (default: that of the file).")
@option("--dry-run", is_flag=True, help="Say what would run, and for how long.")
@options.as_json
@option("--quiet", "-q", is_flag=True, help="No progress.")
@option("--verbose", "-v", is_flag=True, help="Warnings of the libraries, and tracebacks.")
def search(study: str | None, **given: Any) -> None:
    """Run STUDY until it has --trials finished trials, then show the answer.

    STUDY is a name under studies/, a path to a .toml, or a name in the store. The same command
    again completes what is missing. (default: digits)
    """
    from tuner import pool

    if not given["dry_run"]:
        pool.prepare(verbose=given["verbose"])
    definition = _definition(study, given)
    from tuner.study import check_names

    check_names(definition)
    if given["dry_run"]:
        _plan(definition, verbose=given["verbose"], as_json=given["as_json"])
    else:
        _search(definition, given)


def _search(definition: "StudyDefinition", given: dict[str, Any]) -> None:
    from tuner import best, display, export, progress, startup
    from tuner.environment import n_cores
    from tuner.job import Job
    from tuner.search import search as run
    from tuner.storage import masked

    startup.quiet(verbose=given["verbose"])
    folder = Path("studies") / definition.name
    asked = {name: given[name] for name in ("timeout", "add", "verbose")}
    n_processes = given["jobs"] or n_cores()
    job = Job(definition, given["storage"], folder, n_processes=n_processes, **asked)
    files: list[Path] = []

    def conclude(results: "Results") -> None:
        files.extend(export.export(results, folder)[0])

    listener = progress.listener(quiet=given["quiet"], verbose=given["verbose"])
    with listener, startup.interruptible():
        results = run(job, listener, conclude, export.warm_up)
    files += best.files(results, folder)
    if given["as_json"]:
        display.print_json(display.document(results, masked(job.url), files))
    else:
        display.print_answer(results, files)


def _plan(definition: "StudyDefinition", *, verbose: bool, as_json: bool) -> None:
    from tuner import display, startup

    startup.quiet(verbose=verbose)
    with startup.silenced(verbose=verbose):
        from tuner import plan
    found = plan.make_plan(definition)
    if as_json:
        table = found.resolved.definition.to_table()
        display.print_json({"definition": table, "seconds": round(found.seconds, 1)})
    else:
        display.print_rows(("what", "would run"), found.rows())


def _definition(study: str | None, given: dict[str, Any]) -> "StudyDefinition":
    from tuner import study_file
    from tuner.storage import open_storage
    from tuner.study import definition_of, load_study

    flags = {key: given[name] for name, key in _FLAGS.items() if given[name] not in (None, ())}
    if given["rate"] is not None:
        low, high = given["rate"]
        flags["space.rate"] = low if low == high else {"low": low, "high": high}
    definition = study_file.read(study, flags)
    if definition is not None:
        return definition
    default = Path(DEFAULT_STORAGE.removeprefix("sqlite:///"))
    if given["storage"] == DEFAULT_STORAGE and not default.exists():
        raise UsageError(
            f"no study {study!r}: neither studies/{study}.toml nor a store to look in"
            f" (there are: {', '.join(study_file.names())})"
        )
    stored = definition_of(
        load_study(str(study), open_storage(given["storage"]), study_file.names())
    )
    return study_file.override(stored, flags)
