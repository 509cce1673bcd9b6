"""tuner submit: put the trials of a study into a store."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tuner.cli import completing, defining, options, output
from tuner.cli.options import option

if TYPE_CHECKING:
    from tuner.study.definition import StudyDefinition
    from tuner.study.submission import Submission


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
    from tuner.api.comparing import open_compared
    from tuner.comparison import candidates
    from tuner.comparison.companion import ComparisonStudy, open_seal
    from tuner.storage.connect import open_storage
    from tuner.storage.url import masked
    from tuner.study.reading import read
    from tuner.study.studies import load_study

    study = load_study(definition.name, open_storage(storage))
    results, n_seeds = read(study), definition.compare.seeds
    chosen = candidates.choose(results)
    for split in range(definition.compare.splits):
        data = open_compared(results, split, results.definition.data_settings).train_validation
        companion = ComparisonStudy(storage, results, chosen, n_seeds, data, split)
        if not companion.is_finished:
            open_seal(study, "tuner submit --compare")
        done = f"{companion.before.finished} of {companion.fill()} trials finished"
        name = companion.study.study_name
        output.echo(f"{name}: {done}; 'tuner worker' runs the others ({masked(storage)})")
