"""Film reviews: dropout behind the windows of a CNN, at the words, on the state of an LSTM."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean

import numpy as np
from evidence import saying, written
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.setting import Setting, known, setting

TEXT = """\
rt-polarity, of whose ten folds each seed tests on one; words learned from nothing (100 dimensions),
at most 12 epochs with early stopping on a tenth of the rows, which also chooses the rate. The CNN
has windows of 3, 4 and 5 words, 100 maps each; the BiLSTM 64 units in each direction. *Unstopped*
trains all 12 epochs. Kim 2014 says, as readers quote it, that dropout at the last layer adds 2 to
4 % of the performance.
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
    "kim_unstopped": (0.0, 0.5),
}
"""By network and place; without dropout all places of a network are the same."""

UNSTOPPED = "kim_unstopped"
"""The CNN with dropout at the last layer, trained for all epochs."""

_NETWORKS = {"kim": "CNN", "lstm": "BiLSTM"}

KIM = (2, 4)
"""Percent of the accuracy that dropout adds, as Kim 2014 says."""


def cases(place: Place, seed: int, _found: Sequence[Training]) -> Iterator[Case]:
    """Seed k tests on the tenth k of the rows, in an order that each ten seeds have anew."""
    file = place.work / f"fold-{seed}.txt"
    order = np.random.default_rng(seed // N_FOLDS).permutation(N_ROWS)
    np.savetxt(file, np.sort(np.array_split(order, N_FOLDS)[seed % N_FOLDS]), fmt="%d")
    for name, rates in RATES.items():
        training = {
            "epochs": 12,
            "batch_size": 50,
            "test_rows": str(file),
            "validation_split": 0.1,
        }
        yield Case(
            name,
            seed,
            {
                "data": str(place.data / "text" / "rt-polarity.csv"),
                "model": f"evidence.networks:{'kim_last' if name == UNSTOPPED else name}",
                "space": {"width": 100 if name.startswith("kim") else 64},
                "training": training if name == UNSTOPPED else {**training, "early_stopping": 2},
            },
            [dropout("standard", rate) if rate else NONE for rate in rates],
        )


def settings(found: Sequence[Training]) -> list[Setting]:
    """The places of both networks."""
    return known([setting(found, place(case), case, twin=_twin(case)) for case in RATES])


def _twin(case: str) -> str:
    return case if case == UNSTOPPED else f"{case.partition('_')[0]}_last"


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
    """The gain at the last layer beside the published one, with early stopping and without."""
    rows = {each.name: each for each in places}
    said = [_beside(rows[name]) for name in map(place, ("kim_last", UNSTOPPED)) if name in rows]
    if not said:
        return ""
    return (
        f"Beside Kim's {KIM[0]} to {KIM[1]} % at the last layer: {'; '.join(said)}. His networks"
        " begin with other vectors of words, and have a norm that is bounded."
    )


def _beside(last: Setting) -> str:
    """A gain, and Kim's percents in points of the same network."""
    without = 100 * fmean(last.without.values())
    low, high = written.interval(last.values(last.chosen))
    least, most = (percent / 100 * without for percent in KIM)
    missed = "below all of" if high < least else "above all of" if low > most else "not apart from"
    where = "unstopped" if last.name == place(UNSTOPPED) else "with early stopping"
    return (
        f"{where} {saying.gain(last)} points, {missed} the {least:.1f} to {most:.1f} that are meant"
    )
