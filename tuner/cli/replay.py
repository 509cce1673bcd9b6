"""tuner replay: whether a trial repeats."""

import click

from tuner.cli import completing, options
from tuner.cli.options import option


@click.command()
@click.argument("study", shell_complete=completing.studies)
@click.argument("number", type=click.IntRange(min=0))
@options.storage
@options.as_json
@option("--verbose", "-v", is_flag=True, help="Warnings of the libraries, and tracebacks.")
def replay(study: str, number: int, storage: str, as_json: bool, verbose: bool) -> None:
    """Run trial NUMBER of STUDY again from its record, and say whether its value is the same."""
    from tuner.cli import display
    from tuner.errors import TunerError
    from tuner.silence import silenced
    from tuner.storage.connect import open_storage
    from tuner.study.studies import load_study
    from tuner.workers import runtime

    runtime.quiet(verbose=verbose)
    found_study = load_study(study, open_storage(storage))
    with silenced(verbose=verbose):
        from tuner.workers.replay import replay as run

        found = run(found_study, number)
    if as_json:
        display.print_json(
            {
                "trial": number,
                "recorded": found.recorded,
                "value": found.value,
                "same": found.is_same,
                "differences": list(found.differences),
            }
        )
    else:
        for line in found.lines():
            display.say(line)
    if not found.is_same:
        raise TunerError(f"trial {number} has another value now")
