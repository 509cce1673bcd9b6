"""The article's experiment as it is written: MNIST, two layers of 512, rate 0.5 or none."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evidence import saying, written
from evidence.case import NONE, Case, Place, Training, dropout
from evidence.setting import Setting, known, setting

from tuner.comparison.measures import epochs_to_arrive

TEXT = """\
MNIST, 48,000 rows to train on and 12,000 to validate on, 784-512-512-10, Adam, batches of 128, 20
epochs, no dropout against 0.5.
"""
TITLE = "The article's experiment"
CASE = "784-512-512-10"


def cases(place: Place, seed: int, _found: Sequence[Training]) -> Iterator[Case]:
    """48,000 rows to train on, 12,000 to validate on: the seed draws them."""
    yield Case(
        CASE,
        seed,
        {
            "data": str(place.data / "mnist.npz"),
            "space": {"variant": ["none", "standard"], "width": 512, "depth": 2},
            "training": {"epochs": 20, "batch_size": 128, "validation_split": 0.2},
        },
        [NONE, dropout("standard", 0.5)],
    )


def settings(found: Sequence[Training]) -> list[Setting]:
    """One, with one rate."""
    return known([setting(found, "MNIST, 48,000 rows", CASE)])


def show(found: Sequence[Training]) -> str:
    """What the article says, and what was measured, with the differences of the same seeds."""
    rows = []
    for name, (value, factor) in _MEASURES.items():
        without, with_dropout = pair(found, value)
        rows.append(
            (
                name,
                written.mean(without.values(), factor),
                written.mean(with_dropout.values(), factor),
                written.shown(written.minus(with_dropout, without), factor, 2),
            )
        )
    measured = written.table(("percent", "without", "dropout 0.5", "difference"), rows)
    claims = [(each.text, each.measure, each.word(found)) for each in CLAIMS]
    claimed = written.table(("the article says", "measured as", "here"), claims)
    return f"{said(found)}\n\n{claimed}\n{measured}\n{ELSEWHERE}"


def said(found: Sequence[Training]) -> str:
    """Whether the sentence about validation performance holds."""
    differences = CLAIMS[-1].differences(found)
    low, high = written.interval(differences)
    held = (
        "held: it improves"
        if low > 0
        else "did not hold: it is worse"
        if high < 0
        else "held as far as it is told: it is neither better nor worse"
    )
    return (
        "That dropout of 0.5 keeps or improves validation performance"
        f" {held} ({written.shown(differences, 100, 2)} points after the last epoch,"
        f" {saying.number(len(differences), 'seed')})."
    )


Value = Callable[[Training], float]


def pair(found: Sequence[Training], value: Value) -> tuple[dict[int, float], dict[int, float]]:
    """A number by seed, without and with dropout."""
    without, half = (
        {each.seed: value(each) for each in found if each.variant == kind and each.measured}
        for kind in ("none", "standard")
    )
    return without, half


def _arrived(training: Training) -> float:
    return epochs_to_arrive(training.validation, maximize=True)


_TRAINING, _PLAIN, _LAST, _BEST, _GAP, _TEST, _ARRIVED = (
    "training accuracy, as fit shows it",
    "training accuracy, without noise",
    "validation accuracy, last epoch",
    "validation accuracy, best epoch",
    "training less validation accuracy, without noise",
    "test accuracy",
    "epochs until validation is within 1 % of its last value",
)
_MEASURES: Mapping[str, tuple[Value, float]] = {
    _TRAINING: (lambda each: each.train[-1], 100),
    _PLAIN: (lambda each: each.measured["train"], 100),
    _LAST: (lambda each: each.validation[-1], 100),
    _BEST: (lambda each: max(each.validation), 100),
    _GAP: (lambda each: each.measured["train"] - each.measured["validation"], 100),
    _TEST: (lambda each: each.measured["test"], 100),
    _ARRIVED: (_arrived, 1),
}


@dataclass(frozen=True)
class Claim:
    """What the article says of dropout: a number becomes less, more, or no less."""

    text: str
    measure: str
    claimed: Literal["less", "more", "no less"]

    def differences(self, found: Sequence[Training]) -> list[float]:
        """With dropout less without, seed by seed."""
        without, with_dropout = pair(found, _MEASURES[self.measure][0])
        return written.minus(with_dropout, without)

    def word(self, found: Sequence[Training]) -> str:
        """Whether it holds, and the difference."""
        factor, own = _MEASURES[self.measure][1], self.differences(found)
        sign = -1 if self.claimed == "less" else 1
        low, high = sorted(sign * end for end in written.interval(own))
        if self.claimed == "no less":
            word = "opposite" if high < 0 else "holds"
        else:
            word = "holds" if low > 0 else "opposite" if high < 0 else "not shown"
        return f"{word}: {written.shown(own, factor, 2)}"


CLAIMS = (
    Claim("it lowers training accuracy", _TRAINING, "less"),
    Claim("it narrows the gap (less overfitting)", _GAP, "less"),
    Claim("it converges sooner", _ARRIVED, "less"),
    Claim("it keeps or improves validation performance", _LAST, "no less"),
)
ELSEWHERE = """\
*Keeps or improves* holds where the interval does not lie below 0. Of the six claims two are
measured here: less overfitting, and sooner convergence. The other four (more robust, less complex,
averages models, interpretable units) need the networks, which are not kept: `tuner claims mnist`
measures them after `tuner search mnist` and `tuner compare mnist`.
"""
