"""MNIST, all rows, every variant that fits: its rate is chosen on 12,000 rows."""

from collections.abc import Iterator, Sequence

from evidence import written
from evidence.case import NONE, Case, Params, Place, Training, dropout
from evidence.few_rows import N_VALIDATION

TEXT = """\
All 60,000 rows but 1,000, two layers of 512, 20 epochs; the rate of each is the best of a few on
12,000 rows. Srivastava et al. 2014, table 2: 1.60 % without dropout, 1.25 % with it, for three
layers of 1,024 with a maximum norm and many more epochs.
"""
TITLE = "MNIST, every variant"
RATES = {
    "standard": (0.1, 0.2, 0.35, 0.5),
    "gaussian": (0.1, 0.2, 0.35, 0.5),
    "dropconnect": (0.1, 0.2, 0.35, 0.5),
    "scheduled": (0.1, 0.2, 0.35, 0.5),
    "mc": (0.1, 0.2, 0.35, 0.5),
    "alpha": (0.05, 0.1, 0.2),
    "targeted": (0.2, 0.4, 0.6),
    "adversarial": (0.02, 0.05, 0.1),
    "concrete": (0.1,),
    "variational": (0.1,),
}
TRIED, ALL = "12,000 rows", "all rows"


def cases(place: Place, seed: int, found: Sequence[Training]) -> Iterator[Case]:
    """Seed 0 tries rates; then each seed trains the best of each variant on all rows."""
    study = {"data": str(place.data / "mnist.npz"), "space": {"width": 512, "depth": 2}}
    tried = [dropout(name, rate) for name, rates in RATES.items() for rate in rates]
    training = {"batch_size": 128, "validation_split": 5000 / 60_000}
    few = {**study, "training": {**training, "epochs": 10, "train_size": 12_000}}
    yield Case(TRIED, 0, few, [NONE, *tried])
    training["validation_split"] = N_VALIDATION / 60_000
    rows = [each for each in found if each.case == TRIED and each.measured]
    chosen = [NONE, *(best(rows, name) for name in RATES)]
    yield Case(ALL, seed, {**study, "training": {**training, "epochs": 20}}, chosen)


def best(tried: Sequence[Training], variant: str) -> Params:
    """The params of a variant that are best on the rows to judge on."""
    own = [each for each in tried if each.variant == variant]
    return max(own, key=lambda each: each.measured["validation"]).params


def show(found: Sequence[Training]) -> str:
    """A line for each variant: its rate, its error on the test images, what it gains over none."""
    without = written.of(found, ALL, NONE)
    rows = []
    for params in written.candidates(found, ALL):
        tested = written.of(found, ALL, params)
        errors = [1 - value for value in tested.values()]
        gains = written.minus(tested, without)
        rows.append(
            (
                params["variant"],
                params["rate"],
                written.mean(errors, 100),
                "-" if params == NONE else written.shown(gains, 100, 2),
            )
        )
    return written.table(("dropout", "rate", "test error, %", "points gained"), rows)
