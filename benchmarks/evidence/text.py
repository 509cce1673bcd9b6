"""Film reviews: dropout behind the windows of a CNN, at the words, on the state of an LSTM."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from evidence import saying, written
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.setting import Setting, known, setting

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

_NETWORKS = {"kim": "CNN", "lstm": "BiLSTM"}

KIM = (2, 4)
"""Points that dropout adds, as Kim 2014 says."""


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


def settings(found: Sequence[Training]) -> list[Setting]:
    """The places of both networks."""
    return known(
        [setting(found, place(case), case, twin=f"{case.partition('_')[0]}_last") for case in RATES]
    )


def place(case: str) -> str:
    """A case as it is called: network, and where its dropout is."""
    network, _, where = case.partition("_")
    return f"reviews, {_NETWORKS[network]}, {where}"


def show(found: Sequence[Training]) -> str:
    """What is said, and a line for each place: the rate that was chosen, and what it gains."""
    rows = [
        (
            *each.name.split(", ")[1:],
            written.mean(each.without.values(), 100, 1),
            each.chosen,
            saying.gain(each),
            written.shown(each.values(0.5), 1) if 0.5 in each.gains else "-",
        )
        for each in settings(found)
    ]
    header = ("network", "place", "accuracy without, %", "rate chosen", "points gained", "at 0.5")
    return f"{said(found)}\n\n{written.table(header, rows)}"


def said(found: Sequence[Training]) -> str:
    """How often dropout gains, and whether as much as Kim says."""
    places = settings(found)
    texts = [saying.counted(places, "places"), saying.extremes(places), against_kim(places)]
    return " ".join(text for text in (*texts, saying.without_gain(places)) if text)


def against_kim(places: Sequence[Setting]) -> str:
    """The gain at the last layer beside the published one."""
    last = next((each for each in places if each.name == place("kim_last")), None)
    if last is None:
        return ""
    (low, high), (least, most) = written.interval(last.values(last.chosen)), KIM
    missed = "below all of" if high < least else "above all of" if low > most else "not apart from"
    return (
        f"Kim's {least} to {most} points at the last layer: here {saying.gain(last)}, {missed} that"
        " range. His networks begin with other vectors of words, and have a norm that is bounded."
    )
