"""tuner claims: what dropout did."""

import click

from tuner.cli import options
from tuner.cli.options import option
from tuner.study.folder import folder_of


@click.command()
@options.study
@option("--with", "variant", metavar="CANDIDATE", help="(default: the one that the verdict names)")
@options.storage
@options.as_json
def claims(study: str, variant: str | None, storage: str, as_json: bool) -> None:
    """What dropout is said to do, claim by claim, measured in the comparison of STUDY."""
    from dataclasses import asdict

    from tuner.cli import display
    from tuner.comparison import verdict
    from tuner.comparison.claims import examine, write
    from tuner.storage.connect import open_storage
    from tuner.study.studies import load_study

    store = open_storage(storage)
    found = examine(verdict.judge(load_study(study, store), store), variant)
    try:
        files = write(found, folder_of(study) / "compare")
    except OSError as error:  # what was asked for is on the terminal
        files = []
        click.echo(f"not written: {error.filename}: {error.strerror}", err=True)
    if as_json:
        display.print_json(asdict(found) | {"files": [str(path) for path in files]})
        return
    display.print_table(*found.table(), texts=2)
    for line in found.lines():
        display.say(line)
    display.print_files(files)
