"""Few rows and wrong labels: by how much dropout beats the same network without, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import numpy as np
from evidence import written
from evidence.case import NONE, Case, Place, Training, dropout

TEXT = """\
MNIST, two layers of 512 ReLU units, Adam, standard dropout at one rate behind both. So many rows
are drawn to train on, and so many of their labels drawn anew, by each seed; the rate is chosen on
1,000 clean rows, what is shown is of the 10,000 test rows. *Rates that gain* are those of the
grid (0.1, 0.2, 0.3, 0.5, 0.65, 0.8) whose mean is above that without.
"""
TITLE = "When dropout helps: few rows, wrong labels"
ROWS = {100: 100, 300: 80, 1000: 60, 3000: 40, 10_000: 25}
"""Rows that are trained on, and for how many epochs: from 100 steps to 2,000."""

REDRAWN = (0, 20, 40)
"""Percent of the labels to train on that are drawn anew, of all ten classes alike."""

RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.65, 0.8)
N_VALIDATION = 1000


def cases(place: Place, seed: int, _found: Sequence[Training]) -> Iterator[Case]:
    """Rows, redrawn labels and weights are those of the seed."""
    for n, epochs in ROWS.items():
        for share in REDRAWN:
            file = place.work / f"mnist-{n}-{share}-{seed}.npz"
            if not file.is_file():
                write(file, place.data / "mnist.npz", n, share, seed)
            yield Case(
                name(n, share),
                seed,
                {
                    "data": str(file),
                    "space": {"variant": ["none", "standard"], "width": 512, "depth": 2},
                    "training": {"epochs": epochs, "batch_size": min(128, n)},
                },
                [dropout("standard", rate) if rate else NONE for rate in RATES],
            )


def name(n: int, share: int) -> str:
    """What a case is called."""
    return f"{n} rows, {share} % redrawn"


@dataclass(frozen=True)
class Cell:
    """Of so many rows and redrawn labels: the rate that was chosen, and what it gains, by seed."""

    n: int
    share: int
    without: Sequence[float]
    rate: float
    gains: Sequence[float]
    safe: tuple[float, float]


def cells(found: Sequence[Training]) -> list[Cell]:
    """The map, by rows and redrawn labels."""
    done = {each.case for each in found}
    return [_cell(found, n, share) for n in ROWS for share in REDRAWN if name(n, share) in done]


def _cell(found: Sequence[Training], n: int, share: int) -> Cell:
    case = name(n, share)
    without, params = written.of(found, case, NONE), written.chosen(found, case, "standard")
    gains = {
        float(each["rate"]): written.minus(written.of(found, case, each), without)
        for each in written.candidates(found, case)
        if each["variant"] != "none"
    }
    helps = [rate for rate, values in gains.items() if fmean(values) > 0]
    safe = (min(helps), max(helps)) if helps else (0.0, 0.0)
    rate = float(params["rate"])
    return Cell(n, share, list(without.values()), rate, gains[rate], safe)


def show(found: Sequence[Training]) -> str:
    """A line for each number of rows and share of redrawn labels."""
    rows = [
        (
            f"{cell.n:,}",
            f"{cell.share} %",
            written.mean(cell.without, 100, 1),
            cell.rate,
            written.shown(cell.gains),
            f"{cell.safe[0]:g} to {cell.safe[1]:g}" if cell.safe[1] else "none",
        )
        for cell in cells(found)
    ]
    header = (
        "rows",
        "labels redrawn",
        "accuracy without, %",
        "rate chosen",
        "points gained",
        "rates that gain",
    )
    return written.table(header, rows)


def write(file: Path, mnist: Path, n: int, share: int, seed: int) -> None:
    """`n` rows to train on, 1,000 clean ones to choose the rate by, the 10,000 to test on."""
    images = np.load(mnist)
    generator = np.random.default_rng([seed, n])
    order = generator.permutation(len(images["x_train"]))
    chosen, judging = order[:n], order[-N_VALIDATION:]
    labels = images["y_train"][chosen]
    redrawn = np.random.default_rng([seed, n, share]).random(n) < share / 100
    drawn = np.random.default_rng([seed, n, 100]).integers(10, size=n)
    np.savez(
        file,
        x_train=images["x_train"][chosen],
        y_train=np.where(redrawn, drawn, labels),
        x_val=images["x_train"][judging],
        y_val=images["y_train"][judging],
        x_test=images["x_test"],
        y_test=images["y_test"],
    )
