"""Seconds until something happens: imports, `tuner --help`, the first trial of a search.

Every contender is a process of its own; rounds are interleaved.
"""

import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
from speed import performance, process
from speed.data import prepare
from speed.first_trial import WIDTH
from speed.searches import search

Seconds = Mapping[str, float]
MOMENTS = ("first trial begins", "first trial ends", "search ends")
TEXT = (
    "Wall seconds since the process was started: medians of {} interleaved rounds, least and most"
    " in brackets. The first trial is an MLP of width {} on digits without dropout, {} epochs."
    " KerasTuner reads data that are already split."
)


def of_command(*arguments: str) -> Callable[[Path, int], Seconds]:
    """The seconds of a whole process of Python."""

    def measure(folder: Path, _epochs: int) -> Seconds:
        started = time.perf_counter()
        process.call([sys.executable, *arguments], folder)
        return {"exit": time.perf_counter() - started}

    return measure


def of_search(folder: Path, epochs: int) -> Seconds:
    """From the start of `tuner search`, as the store has it."""
    study = {
        "data": str(folder / "raw.npz"),
        "model": "networks:mlp",
        "space": {"variant": ["none"], "width": WIDTH},
        "training": {"epochs": epochs},
        "search": {"trials": 1},
    }
    done = search(study)
    first = done.trials()[0]
    moments = (done.since(first.started), done.since(first.completed), done.seconds)
    return dict(zip(MOMENTS, moments, strict=True))


def of_keras_tuner(folder: Path, epochs: int) -> Seconds:
    """From the start of a script that has KerasTuner search."""
    with tempfile.TemporaryDirectory() as place:
        started = time.time()
        moments = process.run("first_trial", folder / "split.npz", epochs, place=Path(place))
        ended = time.time()
    since = (moment - started for moment in (*moments, ended))
    return dict(zip(MOMENTS, since, strict=True))


CONTENDERS: dict[str, Callable[[Path, int], Seconds]] = {
    "import tensorflow": of_command("-c", "import tensorflow"),
    "import tensorflow, keras": of_command("-c", "import tensorflow, keras"),
    "tuner --help": of_command("-m", "tuner", "--help"),
    "tuner search": of_search,
    "keras-tuner": of_keras_tuner,
}


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True)
@click.option("--only", multiple=True, type=click.Choice(tuple(CONTENDERS)), help="Repeatable.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(rounds: int, epochs: int, only: tuple[str, ...], write: Path | None) -> None:
    """Measure how long one waits."""
    found: dict[str, list[Seconds]] = {name: [] for name in only or CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        prepare("digits", None, Path(folder))
        for _, name in itertools.product(range(rounds), found):
            found[name].append(CONTENDERS[name](Path(folder), epochs))
    shown = table(found, epochs)
    click.echo(shown)
    if write:
        performance.write(write, "startup", shown, sys.argv)


def table(found: Mapping[str, Sequence[Seconds]], epochs: int) -> str:
    """A line for every moment of every contender, and how it compares with ours."""
    ours = _medians(found["tuner search"]) if "tuner search" in found else {}
    lines = []
    for contender, rounds in found.items():
        for moment, median in _medians(rounds).items():
            ratio = f"{median / ours[moment]:.1f}" if moment in ours else "-"
            seconds = performance.spread([each[moment] for each in rounds])
            lines.append((contender, moment, seconds, ratio))
    text = TEXT.format(len(next(iter(found.values()))), WIDTH, epochs)
    header = ("started", "until", "seconds", "x tuner search")
    return performance.section("Start-up", text, header, lines)


def _medians(rounds: Sequence[Seconds]) -> dict[str, float]:
    return {moment: statistics.median(each[moment] for each in rounds) for moment in rounds[0]}


if __name__ == "__main__":
    main()
