"""What tuner search says in the end."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tuner.api import written
from tuner.cli import display, told
from tuner.cli.look import masked

if TYPE_CHECKING:
    from tuner.comparison.result import ComparisonResult
    from tuner.study.definition import StudyDefinition
    from tuner.study.results import Results


def say(
    results: "Results",
    judged: "ComparisonResult | None",
    files: "list[Path]",
    url: str,
    *,
    as_json: bool,
) -> None:
    """Print what was found, and the verdict, where there is one; then write the report."""
    from tuner.api.reporting import write_report
    from tuner.cli import compare
    from tuner.storage.connect import open_storage

    name = results.definition.name
    said, known = told.tell(name, url), written.written(name, url)
    report = None if known is None else known.report(name)
    if as_json:
        files = [*files, report or write_report(name, open_storage(url))]
        verdict = {} if judged is None else {"verdict": judged.document([])}
        display.print_json(_document(said, masked(url), files) | verdict)
        return
    display.print_answer(said)
    if judged is not None:
        compare.print_verdict(judged)
    display.print_files([*files, report or write_report(name, open_storage(url))])


def is_said(definition: "StudyDefinition", url: str, *, quiet: bool, as_json: bool) -> bool:
    """Say what a search has found that has nothing left to do; False where it may have.

    Nothing is opened, trained or written: the store knows it, and the files are there.
    """
    name = definition.name
    known = written.written(name, url)
    if known is None or not known.has(definition):
        return False
    said, report = told.kept(name, url), known.report(name)
    if said is None or report is None or written.digest_of(definition) not in known.asked:
        return False
    files = [*known.drawn, *known.models, report]
    if not quiet:
        budget = said.more["budget"]
        click.echo(f"{known.rest.finished} of {budget} trials were finished before", err=True)
    if as_json:
        display.print_json(_document(said, masked(url), files))
        return True
    display.say(f"Nothing is left to do: tuner search {name} --add 10 goes on.")
    display.print_lines(said)
    display.print_files(files)
    return True


def _document(said: told.Told, storage: str, files: Sequence[Path]) -> dict[str, Any]:
    return {**said.document, "storage": storage, "files": [str(path) for path in files]}
