"""tuner status, studies, trials, best: what the store says."""

from typing import TYPE_CHECKING

import click

from tuner.cli import options, output
from tuner.cli.options import option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuner.cli.told import Told
    from tuner.storage.running import Running
    from tuner.study.results import Results

_WATCH_SECONDS = 2.0


@click.command()
@options.study
@options.storage
@option("--watch", is_flag=True, help="Stay, and show it anew until the trials are finished.")
@option("--workers", "of_workers", is_flag=True, help="Who works for it, slowly or stuck, instead.")
@options.as_json
def status(study: str, storage: str, watch: bool, of_workers: bool, as_json: bool) -> None:
    """Trials of STUDY by state, who runs them, the time left, and the best so far."""
    from tuner.cli import display, watching

    if of_workers:
        _show_crew(study, storage, as_json=as_json)
        return
    if watch:
        from tuner.storage.connect import open_storage, patience
        from tuner.study import overview
        from tuner.study.studies import load_study

        watched = load_study(study, open_storage(storage, patience=patience()))
        watching.watch(lambda: overview.overview(watched), _WATCH_SECONDS)
        return
    said, workers = _progress(study, storage)
    if as_json:
        display.print_json({**said.document, "storage": masked(storage), **said.more})
    else:
        display.stdout().print(watching.status(said, workers), soft_wrap=True)
        display.print_lines(said)


def _show_crew(study: str, url: str, *, as_json: bool) -> None:
    from tuner.cli import display
    from tuner.storage.connect import open_storage
    from tuner.study.crew import crew
    from tuner.study.formatting import duration
    from tuner.study.studies import load_study

    found = crew(load_study(study, open_storage(url)))
    if as_json:
        display.print_json([each.document() for each in found])
        return
    titles = ("worker", "ended", "s an epoch", "runs", "epochs", "last epoch", "")
    rows = (
        (
            each.worker,
            each.n_ended,
            None if each.seconds is None else f"{each.seconds:.2g}",
            each.runs and f"trial {each.runs.number}",
            each.runs and each.epochs,
            each.runs and f"{duration(each.runs.idle)} ago",
            each.note,
        )
        for each in found
    )
    display.print_rows(titles, rows)


def _progress(study: str, url: str) -> "tuple[Told, Sequence[Running]]":
    """What is said of a study, with an answer once it is over, and who runs its trials."""
    from tuner.cli import told

    said = told.kept(study, url)
    if said is not None:
        return (said if said.is_over else said.without_answer()), ()
    from tuner.storage.connect import open_storage
    from tuner.study.overview import overview
    from tuner.study.studies import load_study

    found = overview(load_study(study, open_storage(url)))
    said = told.tell(study, url) if found.is_over else told.told_of(found, None)
    return said, found.workers


@click.command()
@options.storage
@options.as_json
def studies(storage: str, as_json: bool) -> None:
    """The studies of the store, one line each."""
    from tuner.cli import display
    from tuner.storage.connect import open_storage
    from tuner.storage.tally import summaries
    from tuner.study import formatting
    from tuner.study.bundle import is_one

    database = open_storage(storage).database
    rows = [
        (name, n, best, str(started or "")[:16])
        for name, n, best, started in database.ask(summaries)
        if not is_one(name)
    ]
    if as_json:
        names = ("study", "trials", "best", "started")
        display.print_json([dict(zip(names, row, strict=True)) for row in rows])
    else:
        display.print_rows(
            ("study", "trials", "best", "started"),
            ((name, n, formatting.number(best), start) for name, n, best, start in rows),
        )


@click.command()
@options.study
@options.storage
@options.as_json
def trials(study: str, storage: str, as_json: bool) -> None:
    """Every trial of STUDY, one line each, with the reason where it failed."""
    from tuner.cli import display, documents
    from tuner.study import formatting, summary

    results = _results(study, storage)
    if as_json:
        display.print_json([documents.trial_document(row) for row in results.trials])
        return
    display.print_rows(
        ("trial", "state", results.metric, "epochs", "s", "params"),
        (
            (
                row.number,
                row.state.lower(),
                formatting.number(row.value if row.value is not None else row.last_value),
                row.n_epochs,
                formatting.rounded(row.seconds),
                row.error or summary.trial_text(row, results.fixed),
            )
            for row in results.trials
        ),
    )


@click.command()
@options.study
@options.storage
@options.as_json
@click.option("--code", "as_code", is_flag=True, help="Python for your own network instead.")
@click.option("--trial", type=click.IntRange(0), help="Of this trial, with --code.")
def best(study: str, storage: str, as_json: bool, as_code: bool, trial: int | None) -> None:
    """The best trial of STUDY, and the best of each variant.

    With --code, what to put into your own network: layers of Keras where it has them, else those of
    tuner.dropout, with the rate of each place. It is what the answer says to use, or a trial.
    """
    from tuner.cli import display, told
    from tuner.errors import TunerError

    if trial is not None and not as_code:
        raise click.UsageError("--trial is of --code")
    said = told.kept(study, storage) or told.tell(study, storage)
    if not said.document["best"]:
        raise TunerError(f"study {study!r} has no complete trial yet")
    if as_code:
        from tuner.api.reporting import code
        from tuner.storage.connect import open_storage
        from tuner.workers import runtime

        runtime.quiet()
        output.echo(code(study, open_storage(storage), trial))
    elif as_json:
        display.print_json(said.document["best"])
    else:
        display.print_answer(said)


def _results(study: str, url: str) -> "Results":
    from tuner.storage.connect import open_storage
    from tuner.study.reading import read
    from tuner.study.studies import load_study

    return read(load_study(study, open_storage(url)))


def masked(url: str) -> str:
    """The URL of a store without its password."""
    from tuner.storage.glance import is_file

    if is_file(url):
        return url
    from tuner.storage.url import masked as without_password

    return without_password(url)
