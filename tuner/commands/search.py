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
    from tuner.plan import Plan

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
@option("--jobs", "-j", type=_positive, default=1, show_default=True, help="Worker processes.")
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
    from tuner import startup

    startup.quiet(verbose=given["verbose"])
    definition = _definition(study, given)
    from tuner.study import check_names

    check_names(definition)
    with startup.silenced(verbose=given["verbose"]):
        from tuner import display, export, plan, progress, worker
    folder = Path("studies") / definition.name
    if given["dry_run"]:
        _show_plan(plan.make_plan(definition), as_json=given["as_json"])
        return
    job = worker.Job(
        definition, given["storage"], folder, given["timeout"], given["add"], given["jobs"]
    )
    from tuner.storage import masked

    with progress.listener(quiet=given["quiet"]) as listener, startup.interruptible():
        results = worker.search(job, listener)
    files, _ = export.export(results, folder, model=False)
    files += [path for path in (folder / "best.keras", folder / "best.json") if path.exists()]
    if given["as_json"]:
        display.print_json(display.document(results, masked(job.url), files))
    else:
        display.print_answer(results, files)


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


def _show_plan(plan: "Plan", *, as_json: bool) -> None:
    from tuner import display

    if as_json:
        table = plan.resolved.definition.to_table()
        display.print_json({"definition": table, "seconds": round(plan.seconds, 1)})
    else:
        display.print_rows(("what", "would run"), plan.rows())
