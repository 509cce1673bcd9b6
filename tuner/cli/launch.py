"""tuner launch: start workers on an engine, see them, end them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tuner.cli import completing, options, output, placing
from tuner.cli.options import option
from tuner.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tuner.launch.engine import Launch


@dataclass(frozen=True)
class Instead:
    """What is done instead of starting workers."""

    state: bool
    stop: bool
    render: bool


@click.command()
@click.argument("study", required=False, shell_complete=completing.studies)
@placing.options
@option("--unpack", is_flag=True, help="Workers run the code that the study brings in its bundle.")
@option("--state", is_flag=True, help="Show what became of those that were launched, instead.")
@option("--stop", is_flag=True, help="End those that were launched, instead.")
@option("--render", is_flag=True, help="Print what the engine would be given, and start nothing.")
@options.storage
@options.heartbeat
@options.as_json
@options.gathered(placed=placing.Placing, instead=Instead)
def launch(
    study: str | None,
    placed: placing.Placing,
    instead: Instead,
    unpack: bool,
    storage: str,
    heartbeat: float,
    as_json: bool,
) -> None:
    """Start workers for STUDY on an engine; they end when nothing waits or runs any more.

    The study is in the store already: 'tuner submit' puts it there. This command may leave, and so
    may the machine, unless the engine is local.
    """
    study = study or options.latest_in(storage)
    if instead.state + instead.stop + instead.render > 1:
        raise click.UsageError("--state, --stop and --render are three commands")
    if instead.stop or instead.state:
        placed.refuse("of workers to start; --state and --stop are of those that were")
    if instead.stop:
        _stop(study)
    elif instead.state:
        _show(study, as_json=as_json)
    elif placed.on is None:
        raise click.UsageError("--on says where: local, slurm, ray, kubernetes, compose")
    else:
        given = (study, placed, storage, flags(heartbeat, unpacks=unpack))
        _start(*given, is_rendered=instead.render)


def flags(heartbeat: float, *, unpacks: bool) -> tuple[str, ...]:
    """What a worker is told besides its study."""
    return ("--heartbeat", f"{heartbeat:g}", *(["--unpack"] if unpacks else []))


def start(study: str, placed: placing.Placing, url: str, told: "Sequence[str]") -> "Launch":
    """Have an engine start workers for a study, and keep a note of them."""
    from tuner.launch import engines, kept
    from tuner.launch.engine import Launch
    from tuner.study.folder import folder_of

    name, folder = str(placed.on), folder_of(study)
    order = placed.order(study, folder, url, told)
    ids = engines.engine(name).start(order)
    started = Launch(name, study, order.n, ids, order.address, order.settings)
    kept.add(folder, started)
    return started


def _start(
    study: str, placed: placing.Placing, url: str, told: "Sequence[str]", *, is_rendered: bool
) -> None:
    from tuner.launch import engines
    from tuner.storage import glance
    from tuner.study.folder import folder_of

    if is_rendered:
        order = placed.order(study, folder_of(study), url, told)
        output.echo(engines.engine(str(placed.on)).render(order).rstrip("\n"))
        return
    is_own = getattr(engines.engine(str(placed.on)), "brings_store", False)
    known = [] if is_own else glance.names(url)
    if known and study not in known:
        raise UsageError(
            f"study {study!r} is not in the store: 'tuner submit {study}' puts it there"
        )
    started = start(study, placed, url, told)
    output.echo(
        f"{study}: {started.n} workers on {started.engine} ({', '.join(_brief(started.ids))});"
        f" 'tuner launch {study} --state' shows them, --stop ends them"
    )


def _brief(ids: "Sequence[str]") -> list[str]:
    return [*ids[:3], *(["..."] if len(ids) > 3 else [])]


def _show(study: str, *, as_json: bool) -> None:
    from tuner.cli import display

    titles = ("engine", "worker", "state", "on")
    rows = [
        (each.engine, worker.id, worker.condition, worker.place)
        for each in _launches(study)
        for worker in states(each)
    ]
    if as_json:
        display.print_json([dict(zip(titles, row, strict=True)) for row in rows])
    else:
        display.print_rows(titles, rows)


def states(launched: "Launch") -> "Sequence[Any]":
    """What the engine of a launch says of its workers."""
    from tuner.launch import engines

    return engines.engine(launched.engine).state(launched)


def _stop(study: str) -> None:
    from tuner.launch import engines, kept
    from tuner.study.folder import folder_of

    for each in _launches(study):
        engines.engine(each.engine).stop(each)
        left = [worker for worker in states(each) if worker.condition in ("running", "waiting")]
        if not left:
            kept.forget(folder_of(study), [each])
        said = "ended" if not left else f"told to end; {len(left)} have not yet"
        output.echo(f"{study}: {each.n} workers on {each.engine} {said}")


def _launches(study: str) -> "list[Launch]":
    from tuner.launch import kept
    from tuner.study.folder import folder_of

    found = kept.launches(folder_of(study))
    if not found:
        raise UsageError(f"nothing was launched for study {study!r} from this folder")
    return found
