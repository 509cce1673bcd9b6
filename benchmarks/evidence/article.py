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
        diagnoses=True,
    )


def settings(found: Sequence[Training]) -> list[Setting]:
    """One, with one rate."""
    return known([setting(found, "MNIST, 48,000 rows", CASE)])


def show(found: Sequence[Training]) -> str:
    """What the article says, and what was measured, with the differences of the same seeds."""
    rows = []
    for name, (value, factor) in _MEASURES.items():
        without, with_dropout = pair(found, value)
        if without and with_dropout:
            rows.append(
                (
                    name,
                    written.mean(without.values(), factor),
                    written.mean(with_dropout.values(), factor),
                    written.shown(written.minus(with_dropout, without), factor, 2),
                )
            )
    header = ("in percent, but epochs and rank", "without", "dropout 0.5", "difference")
    measured = written.table(header, rows)
    claims = [(each.text, each.measure, each.word(found)) for each in CLAIMS if each.of(found)]
    claimed = written.table(("the article says", "measured as", "here"), claims)
    return f"{said(found)}\n\n{claimed}\n{measured}\n{NOTE}"


def said(found: Sequence[Training]) -> str:
    """Whether the sentence about validation performance holds."""
    differences = KEEPS.of(found)
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


Value = Callable[[Training], float | None]


def pair(found: Sequence[Training], value: Value) -> tuple[dict[int, float], dict[int, float]]:
    """A number by seed, without and with dropout, where it is known."""

    def of(kind: str) -> dict[int, float]:
        own = [each for each in found if each.variant == kind and each.measured]
        return {each.seed: known for each in own if (known := value(each)) is not None}

    return of("none"), of("standard")


def _arrived(training: Training) -> float:
    return epochs_to_arrive(training.validation, maximize=True)


def _diagnosed(name: str) -> Value:
    """What was measured of the network on test rows."""
    return lambda each: each.measured.get(f"test_{name}")


def _averaged(training: Training) -> float | None:
    """One pass less the mean of masks; a network without dropout has but one."""
    if training.variant == "none":
        return 0.0
    scaled, passes = (_diagnosed(f"{kind}_accuracy")(training) for kind in ("scaled", "passes"))
    return None if scaled is None or passes is None else scaled - passes


_TRAINING, _PLAIN, _LAST, _BEST, _GAP, _TEST, _ARRIVED = (
    "training accuracy, as fit shows it",
    "training accuracy, without noise",
    "validation accuracy, last epoch",
    "validation accuracy, best epoch",
    "training less validation accuracy, without noise",
    "test accuracy",
    "epochs until validation is within 1 % of its last value",
)
_NOISE, _SALT, _CUT, _MASKS, _DEAD, _RANK, _SPARSE, _SELECTIVE = (
    "test accuracy, Gaussian noise of one deviation on the inputs",
    "test accuracy, a tenth of the inputs at their largest value",
    "test accuracy, three tenths of the hidden units silent",
    "test accuracy, one scaled pass less the mean of 20 masks",
    "hidden units that are nearly dead",
    "effective rank of the hidden activations",
    "sparsity of the hidden activations",
    "class selectivity of the hidden units",
)
_MEASURES: Mapping[str, tuple[Value, float]] = {
    _TRAINING: (lambda each: each.train[-1], 100),
    _PLAIN: (lambda each: each.measured["train"], 100),
    _LAST: (lambda each: each.validation[-1], 100),
    _BEST: (lambda each: max(each.validation), 100),
    _GAP: (lambda each: each.measured["train"] - each.measured["validation"], 100),
    _TEST: (lambda each: each.measured["test"], 100),
    _ARRIVED: (_arrived, 1),
    _NOISE: (_diagnosed("noise_gaussian"), 100),
    _SALT: (_diagnosed("noise_salt"), 100),
    _CUT: (_diagnosed("units_cut"), 100),
    _MASKS: (_averaged, 100),
    _DEAD: (_diagnosed("dead_units"), 100),
    _RANK: (_diagnosed("effective_rank"), 1),
    _SPARSE: (_diagnosed("sparsity"), 100),
    _SELECTIVE: (_diagnosed("selectivity"), 100),
}


@dataclass(frozen=True)
class Claim:
    """What the article says of dropout: a number becomes less, more, or no less."""

    text: str
    measure: str
    claimed: Literal["less", "more", "no less"]

    def of(self, found: Sequence[Training]) -> list[float]:
        """With dropout less without, seed by seed."""
        without, with_dropout = pair(found, _MEASURES[self.measure][0])
        return written.minus(with_dropout, without)

    def word(self, found: Sequence[Training]) -> str:
        """Whether it holds, and the difference."""
        factor, own = _MEASURES[self.measure][1], self.of(found)
        sign = -1 if self.claimed == "less" else 1
        low, high = sorted(sign * end for end in written.interval(own))
        if self.claimed == "no less":
            word = "opposite" if high < 0 else "holds"
        else:
            word = "holds" if low > 0 else "opposite" if high < 0 else "not shown"
        return f"{word}: {written.shown(own, factor, 2)}"


KEEPS = Claim("it keeps or improves validation performance", _LAST, "no less")
CLAIMS = (
    Claim("it lowers training accuracy", _TRAINING, "less"),
    Claim("it narrows the gap (less overfitting)", _GAP, "less"),
    Claim("it converges sooner", _ARRIVED, "less"),
    KEEPS,
    Claim("the network is more robust", _NOISE, "more"),
    Claim("the network is more robust", _SALT, "more"),
    Claim("the network is more robust", _CUT, "more"),
    Claim("it averages models", _MASKS, "no less"),
    Claim("the network is less complex", _DEAD, "more"),
    Claim("the network is less complex", _RANK, "less"),
    Claim("units can be interpreted", _SPARSE, "more"),
    Claim("units can be interpreted", _SELECTIVE, "more"),
)
NOTE = """\
*Keeps or improves*, and that it averages models, hold where the interval does not lie below 0. What
is measured of networks is what `tuner claims` measures; a network without dropout is the mean of
its own masks. Intervals are of one measure at a time.
"""
