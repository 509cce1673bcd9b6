"""Trials one by one on one program against several side by side in one compiled epoch.

Every number of lanes is a process of its own; rounds are interleaved.
"""

import itertools
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from speed import performance, process
from speed.data import prepare
from speed.lane_trials import RATES

_positive = click.IntRange(1)
Found = Mapping[tuple[int, int], Sequence[Mapping[str, Any]]]
TEXT = (
    "Digits with the MLP and standard dropout, {} epochs; models are built before."
    " Medians of {} interleaved rounds, least and most in brackets. One lane is tuner's program;"
    " several lanes are trials of one structure that begin and end together, with weights, data"
    " order, rate, noise and learning rate of their own. The first run also traces. `control` is"
    " the largest difference from one lane of the losses and accuracies of the same trial without"
    " noise. A search has no lanes: what they gain, it gains from a process for each core"
    " (*Scaling*), without waiting for trials of one structure, which end together and cannot be"
    " pruned alone."
)
HEADER = (
    "width",
    "lanes",
    "first run, seconds",
    "seconds a trial",
    "one lane / this",
    "control",
)


@click.command()
@click.option("--rounds", type=_positive, default=3, show_default=True)
@click.option("--epochs", type=_positive, default=20, show_default=True)
@click.option("--repeats", type=_positive, default=3, show_default=True, help="In a process.")
@click.option("--width", type=_positive, multiple=True, default=(64, 256, 512), show_default=True)
@click.option(
    "--lanes",
    type=click.IntRange(2, len(RATES)),
    multiple=True,
    default=(2, 4, 8),
    show_default=True,
    help="Beside one lane.",
)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rounds: int,
    epochs: int,
    repeats: int,
    width: tuple[int, ...],
    lanes: tuple[int, ...],
    write: Path | None,
) -> None:
    """Measure what training side by side would save."""
    found: dict[tuple[int, int], list[dict[str, Any]]] = {
        (each, n): [] for each in width for n in (1, *lanes)
    }
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        prepare("digits", None, place)
        for _, (each, n) in itertools.product(range(rounds), found):
            arguments = (place / "raw.npz", each, n, epochs, repeats)
            found[each, n].append(process.run("lane_trials", *arguments, place=place))
    shown = table(found, epochs)
    click.echo(shown)
    if write:
        performance.write(write, "lanes", shown, sys.argv)


def table(found: Found, epochs: int) -> str:
    """A line for every width and number of lanes, compared with one lane of the same width."""
    lines = []
    for (width, n), rounds in found.items():
        alone = found[width, 1]
        seconds, base = _seconds(rounds), _seconds(alone)
        lines.append(
            (
                width,
                n,
                performance.spread([each["first"] for each in rounds]),
                performance.spread(seconds, digits=3),
                f"{statistics.median(base) / statistics.median(seconds):.2f}",
                f"{difference(rounds, alone):.1e}",
            )
        )
    n_rounds = len(next(iter(found.values())))
    return performance.section("Lanes", TEXT.format(epochs, n_rounds), HEADER, lines)


def difference(rounds: Sequence[Mapping[str, Any]], alone: Sequence[Mapping[str, Any]]) -> float:
    """How far the controls of any two rounds are apart."""
    return max(
        abs(float(a) - float(b))
        for one, other in itertools.product(rounds, alone)
        for a, b in zip(one["control"], other["control"], strict=True)
    )


def _seconds(rounds: Sequence[Mapping[str, Any]]) -> list[float]:
    return [statistics.median(each["trials"]) for each in rounds]


if __name__ == "__main__":
    main()
