"""MNIST, all rows, every variant that fits: its rate is chosen on 12,000 rows."""

from collections.abc import Iterator, Sequence

from evidence import published, written
from evidence.case import NONE, Case, Params, Place, Training, dropout
from evidence.few_rows import N_VALIDATION
from evidence.networks import LONG_BATCH, LONG_EPOCHS
from evidence.setting import Setting, known, setting, word

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
HALVES = ("standard", "dropconnect")
TRIED, ALL, WIDE = "12,000 rows", "all rows", "all rows, as published"


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
    training |= {"epochs": LONG_EPOCHS, "batch_size": LONG_BATCH}
    wide = {"model": "evidence.networks:falling", "space": {"width": 800}, "training": training}
    yield Case(WIDE, seed, {**study, **wide}, [NONE, *(dropout(kind, 0.5) for kind in HALVES)])


def best(tried: Sequence[Training], variant: str) -> Params:
    """The params of a variant that are best on the rows to judge on."""
    own = [each for each in tried if each.variant == variant]
    return max(own, key=lambda each: each.measured["validation"]).params


def settings(found: Sequence[Training]) -> list[Setting]:
    """Each variant that tried more than one rate."""
    kinds = [kind for kind, rates in RATES.items() if len(rates) > 1]
    names = {kind: f"MNIST, {TRIED}, {kind}" for kind in kinds}
    return known([setting(found, names[kind], TRIED, kind=kind) for kind in kinds])


def show(found: Sequence[Training]) -> str:
    """What is said, a line for each variant, and what is published."""
    without = written.of(found, ALL, NONE)
    rows = []
    for params in written.candidates(found, ALL):
        tested = written.of(found, ALL, params)
        if not tested:
            continue
        errors = written.mean([1 - value for value in tested.values()], 100)
        gained = "-" if params == NONE else written.shown(written.minus(tested, without), 100, 2)
        rows.append((params["variant"], params["rate"], errors, gained))
    table = written.table(("dropout", "rate", "test error, %", "points gained"), rows)
    return f"{said(found)}\n\n{table}\n{published.show(found, ALL, WIDE)}"


def said(found: Sequence[Training]) -> str:
    """Which variants gain."""
    without = written.of(found, ALL, NONE)
    words: dict[str, list[str]] = {"helps": [], "harms": [], "not told": []}
    for params in written.candidates(found, ALL):
        gains = written.minus(written.of(found, ALL, params), without)
        if params != NONE and gains:
            words[word(gains)].append(str(params["variant"]))
    named = {each: ", ".join(names) or "none" for each, names in words.items()}
    return (
        f"A gain is shown (95 % interval above 0) of: {named['helps']}. A loss: {named['harms']}."
        f" Neither: {named['not told']}."
    )
