"""Film reviews: dropout behind the windows of a CNN, at the words, on the state of an LSTM."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from evidence import written
from evidence.case import NONE, Case, Place, Training, dropout

TEXT = """\
rt-polarity, ten folds, words learned from nothing (100 dimensions), at most 12 epochs with early
stopping on a tenth of the rows, which also chooses the rate. The CNN has windows of 3, 4 and 5
words, 100 maps each; the BiLSTM 64 units in each direction. Kim 2014 says that dropout adds 2 to
4 points at the last layer.
"""
TITLE = "Film reviews"
N_ROWS, N_FOLDS = 10_662, 10
RATES: Mapping[str, Sequence[float]] = {
    "kim_last": (0.0, 0.25, 0.5, 0.75),
    "kim_embedding": (0.25, 0.5, 0.75),
    "kim_both": (0.25, 0.5, 0.75),
    "lstm_last": (0.0, 0.25, 0.5, 0.75),
    "lstm_embedding": (0.25, 0.5, 0.75),
    "lstm_recurrent": (0.25, 0.5),
}
"""By network and place; without dropout all places of a network are the same."""


def cases(place: Place, seed: int, _found: Sequence[Training]) -> Iterator[Case]:
    """Seed k tests on the tenth k of the rows, in an order that each ten seeds have anew."""
    file = place.work / f"fold-{seed}.txt"
    order = np.random.default_rng(seed // N_FOLDS).permutation(N_ROWS)
    np.savetxt(file, np.sort(np.array_split(order, N_FOLDS)[seed % N_FOLDS]), fmt="%d")
    for name, rates in RATES.items():
        yield Case(
            name,
            seed,
            {
                "data": str(place.data / "text" / "rt-polarity.csv"),
                "model": f"evidence.networks:{name}",
                "space": {"width": 100 if name.startswith("kim") else 64},
                "training": {
                    "epochs": 12,
                    "batch_size": 50,
                    "early_stopping": 2,
                    "test_rows": str(file),
                    "validation_split": 0.1,
                },
            },
            [dropout("standard", rate) if rate else NONE for rate in rates],
        )


def show(found: Sequence[Training]) -> str:
    """A line for each place: the rate that was chosen, and what it gains over none."""
    done = {each.case for each in found}
    rows = []
    for case in filter(done.__contains__, RATES):
        network = case.partition("_")[0]
        without = written.of(found, f"{network}_last", NONE)
        params = written.chosen(found, case, "standard")
        gains = written.minus(written.of(found, case, params), without)
        half = written.minus(written.of(found, case, {**params, "rate": 0.5}), without)
        rows.append(
            (
                {"kim": "CNN", "lstm": "BiLSTM"}[network],
                case.partition("_")[2],
                written.mean(without.values(), 100, 1),
                params["rate"],
                written.shown(gains),
                written.shown(half),
            )
        )
    header = ("network", "place", "accuracy without, %", "rate chosen", "points gained", "at 0.5")
    return written.table(header, rows)
