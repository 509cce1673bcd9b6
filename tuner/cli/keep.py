"""tuner export, report, init, doctor, delete: care for a store and what comes out of it."""

from importlib.util import find_spec
from pathlib import Path

import click

from tuner.cli import completing, options, output
from tuner.cli.options import option
from tuner.errors import TunerError, UsageError
from tuner.importer import load
from tuner.study.folder import folder_of

_file = click.Path(dir_okay=False, path_type=Path)
_folder = click.Path(file_okay=False, path_type=Path)
_TRACKERS = {
    "mlflow": "tuner.export.mlflow:export",
    "tensorboard": "tuner.export.tensorboard:export",
}


@click.command()
@options.study
@options.storage
@option("--out", type=click.Path(path_type=Path), help="Folder (default: studies/STUDY).")
@option("--model/--no-model", "model", default=True, help="Write best.keras (may train it again).")
@option("--mlflow", metavar="URI", help="Log it there too: a run for each finished trial.")
@option("--tensorboard", type=_folder, help="Write event files there too.")
@options.as_json
def export(
    study: str,
    storage: str,
    out: Path | None,
    model: bool,
    mlflow: str | None,
    tensorboard: Path | None,
    as_json: bool,
) -> None:
    """Write STUDY as CSV, JSON, Parquet, plots, best.keras and environment.json."""
    places = {"mlflow": mlflow, "tensorboard": tensorboard}
    trackers = [name for name, place in places.items() if place is not None]
    for tracker in trackers:
        _require(tracker)
    from tuner.cli import display
    from tuner.comparison.companion import comparison_of
    from tuner.silence import silenced
    from tuner.storage.connect import open_storage
    from tuner.study.reading import read
    from tuner.study.studies import load_study
    from tuner.workers import runtime

    runtime.quiet()
    store = open_storage(storage)
    results, compared = read(load_study(study, store)), comparison_of(study, store)
    with silenced():
        from tuner.export import files as exporter
        from tuner.workers import replay
    folder = out or folder_of(study)
    files, left_out = exporter.export(results, folder, compared)
    if model:
        files += replay.ensure(results, folder)
    for tracker in trackers:
        with silenced():
            n_runs = load(_TRACKERS[tracker])(results, places[tracker])
        click.echo(f"{tracker}: runs added: {n_runs}", err=True)
    if as_json:
        display.print_json([str(path) for path in files])
    else:
        display.print_files(files)
    for line in left_out:
        click.echo(f"left out {line}", err=True)


def _require(tracker: str) -> None:
    """UsageError where the extra of this name is not installed."""
    if find_spec(tracker) is None:
        raise UsageError(f"--{tracker} needs an extra: pip install 'dropout-tuner[{tracker}]'")


@click.command()
@options.study
@options.storage
@option("--out", type=_file, help="File (default: studies/STUDY/report.html).")
@options.as_json
def report(study: str, storage: str, out: Path | None, as_json: bool) -> None:
    """Write STUDY as one HTML file that opens offline: answer, tables, plots, how to repeat it."""
    from tuner.plots import DEFAULT
    from tuner.plots.helpers import helping

    with helping(len(DEFAULT)) as helpers:  # before the libraries that they do without
        from tuner.api.reporting import write_report
        from tuner.cli import display
        from tuner.storage.connect import open_storage
        from tuner.workers import runtime

        runtime.quiet()
        path = write_report(study, open_storage(storage), out, helpers)
    if as_json:
        display.print_json([str(path)])
    else:
        display.print_files([path])


@click.command()
@options.storage
def init(storage: str) -> None:
    """Create the tables of the store."""
    from tuner.storage.connect import open_storage
    from tuner.storage.url import masked

    open_storage(storage, create=True)
    output.echo(masked(storage))


@click.command()
@options.storage
@click.option("--fix", is_flag=True, help="Hand back the trials of workers that are gone.")
def doctor(storage: str, fix: bool) -> None:
    """Check the installation and the store."""
    from tuner.cli import display
    from tuner.silence import silenced
    from tuner.workers import runtime

    runtime.quiet()
    with silenced():
        from tuner.cli.doctor import examine

        checks = examine(storage, fix=fix)
    display.print_checks(checks)
    if not all(check.ok for check in checks):
        raise TunerError("not everything is as it should be: see above")


@click.command()
@click.argument("study", shell_complete=completing.studies)
@options.storage
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
def delete(study: str, storage: str, yes: bool) -> None:
    """Remove STUDY, its trials and its comparison from the store (asks first); files stay."""
    import optuna

    from tuner.comparison.companion import parent
    from tuner.storage.connect import open_storage
    from tuner.study.bundle import name_of
    from tuner.study.studies import load_study

    backend = open_storage(storage)
    known = [each.study_name for each in backend.get_all_studies()]
    compared = [name for name in known if parent(name) == study]
    names = [study, *compared]
    n_trials = sum(len(load_study(name, backend).get_trials(deepcopy=False)) for name in names)
    what = " and ".join([repr(study), *(["its comparison"] if compared else [])])
    question = f"Delete study {what} with {n_trials} trials?"
    if not (yes or _is_sure(question)):
        click.echo("nothing was deleted", err=True)
        raise click.exceptions.Exit(1)
    beside = [name for name in known if name == name_of(study)]
    for name in reversed([*names, *beside]):
        optuna.delete_study(study_name=name, storage=backend)
    output.echo(f"deleted {study} ({n_trials} trials)")


def _is_sure(question: str) -> bool:
    """Whether the answer is yes; none is no."""
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        return False
