"""The command line: the group, and the one place where errors become exit codes."""

import gc
import itertools
import os
import sys
import traceback
from collections.abc import Callable
from typing import Any

import click

from tuner import __version__, logs
from tuner.cli import keep, look, names, output
from tuner.cli.claims import claims
from tuner.cli.compare import compare
from tuner.cli.dashboard import dashboard
from tuner.cli.launch import launch
from tuner.cli.plot import plot
from tuner.cli.replay import replay
from tuner.cli.search import search
from tuner.cli.sites import sites
from tuner.cli.store import store
from tuner.cli.submit import submit
from tuner.cli.worker import worker
from tuner.errors import TunerError, as_tuner_error, printable

_INTERRUPTED = 130
_PRIVATE = 0o077
"""What is made is for its owner; what is there keeps its permissions."""

_CLOSED_PIPE = 141


SECTIONS = {
    "Search and compare": [search, compare, claims, replay],
    "Share the work": [submit, worker, launch],
    "Look": [look.status, look.studies, look.trials, look.best, plot, dashboard],
    "Take away": [keep.export, keep.report],
    "What can be named": [names.variants, names.models, names.datasets, sites],
    "Look after the store": [keep.init, keep.doctor, keep.delete, store],
}


class Sections(click.Group):
    """A group whose help shows its commands under headings."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, self.list_commands(ctx)))
        limit = formatter.width - longest - 6
        for title, group in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        (str(each.name).ljust(longest), each.get_short_help_str(limit))
                        for each in group
                    ]
                )


@click.group(
    cls=Sections,
    commands=list(itertools.chain(*SECTIONS.values())),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="tuner")
def cli() -> None:
    """Ask whether dropout helps, which kind, at what rate, at which width.

    Searches dropout variant x rate x layer width for a Keras model, keeps every trial in a store
    and shows the answer. Begin with: tuner search --trials 50
    """


def main() -> None:
    """Run the command line; every error is one line on stderr and an exit code."""
    for command in itertools.chain(*SECTIONS.values(), store.commands.values()):
        if not isinstance(command, click.Group):
            command.callback = _claiming(command.callback)
    os.umask(os.umask(_PRIVATE) | _PRIVATE)
    gc.set_threshold(100_000)  # libraries are a million objects that stay
    code = run(sys.argv[1:])
    gc.freeze()  # the end of the process is not the time to look for garbage: a third of a second
    sys.exit(code)


def _claiming(callback: Callable[..., Any] | None) -> Callable[..., Any]:
    """A command, once its options are read: help and completion are click's, and go to stdout."""

    def claimed(*given: Any, **options: Any) -> Any:
        output.claim()
        return callback(*given, **options) if callback else None

    return claimed


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code."""
    try:
        code = cli.main(arguments, prog_name="tuner", standalone_mode=False)
        output.close()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return error.exit_code
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt) as error:
        if isinstance(error.__cause__, EOFError):  # click takes each for Ctrl-D
            return _unexpected(error.__cause__, verbose=_is_verbose(arguments))
        return _fail(
            "interrupted: finished trials are kept; the same command goes on", _INTERRUPTED
        )
    except TunerError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.stream().fileno())
        return _CLOSED_PIPE
    except Exception as error:
        return _unexpected(error, verbose=_is_verbose(arguments))
    return code or 0


def _is_verbose(arguments: list[str]) -> bool:
    return "--verbose" in arguments or "-v" in arguments


def _unexpected(error: Exception, *, verbose: bool) -> int:
    if verbose:
        traceback.print_exc()
    known = as_tuner_error(error)
    return _fail(str(known), known.exit_code)


def _fail(message: str, code: int) -> int:
    if logs.is_json():
        logs.LOGGER.error(printable(message))
    else:
        click.echo(f"Error: {printable(message)}", err=True)
    return code
