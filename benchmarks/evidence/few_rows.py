"""Few rows and wrong labels: by how much dropout beats the same network without, and when."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from evidence import saying, written
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.setting import Setting, known, setting

TEXT = """\
MNIST, two layers of 512 ReLU units, Adam, standard dropout at one rate behind both. So many rows
are drawn to train on, and so many of their labels drawn anew, by each seed; the rate is chosen on
1,000 clean rows, what is shown is of the 10,000 test rows. *Rates that gain* are those of the
grid (0.1, 0.2, 0.3, 0.5, 0.65, 0.8, 0.9) whose mean on the test rows is above that without.
"""
TITLE = "When dropout helps: few rows, wrong labels"
ROWS = {100: 100, 300: 80, 1000: 60, 3000: 40, 10_000: 25}
"""Rows that are trained on, and for how many epochs: from 100 steps to 2,000."""

REDRAWN = (0, 20, 40)
"""Percent of the labels to train on that are drawn anew, of all ten classes alike."""

RATES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.65, 0.8, 0.9)
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


def title(n: int, share: int) -> str:
    """What its setting is called."""
    return f"{n:,} rows, {share} % redrawn"


def settings(found: Sequence[Training]) -> list[Setting]:
    """The cells of the map, by redrawn labels and rows."""
    keys = [(n, share) for share in REDRAWN for n in ROWS]
    return known([setting(found, title(*key), name(*key)) for key in keys])


def show(found: Sequence[Training]) -> str:
    """What the map says, and a line for each number of rows and share of redrawn labels."""
    cells = {each.name: each for each in settings(found)}
    rows = [
        (
            f"{n:,}",
            f"{share} %",
            written.mean(cell.without.values(), 100, 1),
            cell.chosen,
            saying.gain(cell),
            ", ".join(f"{rate:g}" for rate in cell.helpful) or "none",
        )
        for n in ROWS
        for share in REDRAWN
        if (cell := cells.get(title(n, share)))
    ]
    header = (
        "rows",
        "labels redrawn",
        "accuracy without, %",
        "rate chosen",
        "points gained",
        "rates that gain",
    )
    return f"{said(found)}\n\n{written.table(header, rows)}"


def said(found: Sequence[Training]) -> str:
    """What the map says, and what it does not."""
    cells = settings(found)
    texts = [saying.counted(cells, "cells"), saying.extremes(cells), by_share(found)]
    seeds = min(len(each.values(each.chosen)) for each in cells)
    shown = (
        f"Each cell has {saying.number(seeds, 'seed')}, so that a gain is told only where it is"
        " large beside their spread; it is one network, trained in one way, without weight decay."
    )
    texts += [saying.at_the_edge(cells), saying.without_gain(cells), shown]
    return " ".join(text for text in texts if text)


def by_share(found: Sequence[Training]) -> str:
    """Of each share of redrawn labels: the gains, and the rates that were chosen."""
    cells = {each.name: each for each in settings(found)}
    texts = []
    for share in REDRAWN:
        own = [cell for n in ROWS if (cell := cells.get(title(n, share)))]
        if own:
            gains, rates = [each.mean(each.chosen) for each in own], [each.chosen for each in own]
            span = f"{written.signed(min(gains))} to {written.signed(max(gains))}"
            texts.append(f"{share} % redrawn: {span} points, at a rate of {saying.span(rates)}")
    return f"{'; '.join(texts)}."


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
