"""Looking at a study of many trials: our dashboard beside plain optuna-dashboard, and its cost.

Each is started anew in every round, on a SQLite store of simulated trials; ours has notes and
figures in it. With --searches, `tuner search` runs with and without a dashboard that renews them;
with --commands, commands look at a search that goes on.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
from optuna.storages import get_storage
from simulated.stored import make_study
from speed import performance, process
from speed.viewers import Viewer, search, viewers

from tuner.dashboard.renewing import renew, show
from tuner.storage.connect import open_storage
from tuner.storage.glance import keep
from tuner.storage.keys import TOLD
from tuner.study.studies import load_study
from tuner.workers import runtime

TEXT = (
    "{trials} simulated trials of {epochs} epochs on SQLite, median of {rounds} interleaved rounds,"
    " least and most in brackets. *First*: all trials, to a new process; *again*: at once;"
    " *poll*: the ten newest trials, as a page asks every ten seconds, when what was read is stale."
    " Memory is that of all its processes, what they share counted once. Notes and figures are"
    " renewed in {seconds:.2f} s, after what the trials take to be read; figures: {sizes}."
)
SEARCHES = (
    "`tuner search --trials {trials}` on the digits, median of {rounds} interleaved rounds, least"
    " and most in brackets, alone and with `tuner dashboard` on the same cores, which a page asks"
    " every ten seconds. Processor seconds are those of the dashboard: until it answers, and then"
    " until the search has ended."
)
COMMANDS = (
    "Commands on a search that goes on, with {trials} simulated trials of {epochs} epochs on"
    " SQLite, and on one of {few}: median of rounds ({rounds}), least and most in brackets. Each is"
    " a process of its own: its processor seconds, and the most memory that it has. *Trials alone*"
    " is what leaders and workers read first; `best` finds its answer, or has one that is kept: of"
    " a study that is as it was then, or while it goes on. Of 1,000 trials and more whoever runs"
    " them keeps one in time, so that who asks does not wait as for the first."
)
GOES_ON = "best, kept, goes on"
ASKED = ("trials alone", "status", "best", "best, kept", GOES_ON, "trials", "report", "plot")
FEW = 30
"""Trials of the study beside that of many."""

READ = (
    "from tuner.storage.connect import open_storage as o;"
    "from tuner.study.studies import load_study as s;"
    "s('simulated', o({url!r})).get_trials(deepcopy=False)"
)


@click.command()
@click.option("--trials", default=3000, show_default=True)
@click.option("--epochs", default=20, show_default=True)
@click.option("--rounds", default=3, show_default=True)
@click.option(
    "--stale",
    default=11.0,
    show_default=True,
    help="Seconds after which optuna-dashboard reads a large study again.",
)
@click.option("--searches", default=0, help="Measure searches of so many trials instead.")
@click.option("--commands", is_flag=True, help="Measure commands instead.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    trials: int,
    epochs: int,
    rounds: int,
    stale: float,
    searches: int,
    commands: bool,
    write: Path | None,
) -> None:
    """Measure pages, memory and renewals."""
    runtime.quiet()
    with tempfile.TemporaryDirectory() as folder:
        if searches:
            key, table = "searches", measure_searches(Path(folder), searches, rounds)
        elif commands:
            key, table = "commands", measure_commands(Path(folder), trials, epochs, rounds)
        else:
            key, table = "viewing", measure_pages(Path(folder), trials, epochs, rounds, stale)
    click.echo(table)
    if write:
        packages = ("optuna-dashboard", "optuna", "gunicorn", "waitress", "plotly")
        performance.write(write, key, table, sys.argv, packages)


def measure_pages(folder: Path, trials: int, epochs: int, rounds: int, stale: float) -> str:
    """A table of both dashboards."""
    bare, ours = (f"sqlite:///{folder}/{name}.db" for name in ("bare", "ours"))
    make_study(bare, trials, epochs).database.engine.dispose()
    sizes, seconds = _renew(ours, trials, epochs)
    found: dict[str, list[tuple[float, ...]]] = {}
    for _ in range(rounds):
        for name, start in viewers(bare, ours).items():
            found.setdefault(name, []).append(_look(start, trials, stale))
    text = TEXT.format(trials=trials, epochs=epochs, rounds=rounds, seconds=seconds, sizes=sizes)
    header = ("dashboard", "first (s)", "again (s)", "poll (s)", "memory (MB)")
    rows = []
    for name, looks in found.items():
        *waits, memory = zip(*looks, strict=True)
        megabytes = performance.spread([each / 1e6 for each in memory], 0)
        rows.append((name, *map(performance.spread, waits), megabytes))
    return performance.section("A study in a browser", text, header, rows)


def measure_searches(folder: Path, trials: int, rounds: int) -> str:
    """A table of searches that are looked at, and of those that are not."""
    found: dict[str, list[tuple[float, ...]]] = {"nobody": [], "tuner dashboard": []}
    for number in range(rounds):
        for name, looks in found.items():
            watch = name != "nobody"
            looks.append(search(folder / f"{number}-{watch}", trials, watch=watch))
    text = SEARCHES.format(trials=trials, rounds=rounds)
    rows = [
        (name, *(performance.spread(column, 1) for column in zip(*looks, strict=True)))
        for name, looks in found.items()
    ]
    header = ("who looks", "seconds of the search", "processor seconds: start", "then")
    return performance.section("A search that is looked at", text, header, rows)


def measure_commands(folder: Path, trials: int, epochs: int, rounds: int) -> str:
    """A table of what commands take on many trials, and on few."""
    found: dict[str, list[tuple[float, ...]]] = {}
    for n in (trials, FEW):
        url = f"sqlite:///{folder}/{n}.db"
        store = make_study(url, n, epochs)
        load_study("simulated", store).enqueue_trial({})
        store.database.engine.dispose()
    for _ in range(rounds):
        for name in ASKED:
            looks = [_take(name, folder, f"sqlite:///{folder}/{n}.db") for n in (trials, FEW)]
            found.setdefault(name, []).append((*looks[0], *looks[1]))
    text = COMMANDS.format(trials=trials, epochs=epochs, few=FEW, rounds=rounds)
    header = ("command", "seconds", "memory (MB)", f"seconds, {FEW} trials", "memory (MB)")
    digits = (1, 0, 1, 0)
    rows = [
        (name, *map(performance.spread, zip(*looks, strict=True), digits))
        for name, looks in found.items()
    ]
    return performance.section("Commands on many trials", text, header, rows)


def _take(name: str, folder: Path, url: str) -> tuple[float, float]:
    """Processor seconds and MB of a command."""
    command = [sys.executable, "-c", READ.format(url=url)]
    if name != "trials alone":
        tuner = [sys.executable, "-m", "tuner", name.partition(",")[0]]
        command = [*tuner, "simulated", "--storage", url]
    if name == "best":
        keep(url, 1, TOLD, {"stamp": None, "version": None})
    if name == GOES_ON:
        load_study("simulated", open_storage(url)).ask()
    return process.used(command, folder)


def _renew(url: str, trials: int, epochs: int) -> tuple[str, float]:
    """Sizes of the figures, and the seconds that notes and figures take once trials are read."""
    store = make_study(url, trials, epochs)
    storage = get_storage(store.database)
    study = load_study("simulated", storage)
    shown = show(study)
    began = time.perf_counter()
    renew(store.database, storage)
    seconds = time.perf_counter() - began
    store.database.engine.dispose()
    kilobytes = ((name, len(text) / 1000) for name, text in shown.figures.items())
    return ", ".join(f"{name} {size:.0f} kB" for name, size in kilobytes), seconds


def _look(start: Callable[[], Viewer], trials: int, stale: float) -> tuple[float, ...]:
    viewer = start()
    try:
        first = viewer.seconds("/api/studies/1")
        again = statistics.median(viewer.seconds("/api/studies/1") for _ in range(3))
        time.sleep(stale)
        poll = viewer.seconds(f"/api/studies/1?after={trials - 10}")
        return first, again, poll, viewer.memory()
    finally:
        viewer.end()


if __name__ == "__main__":
    main()
