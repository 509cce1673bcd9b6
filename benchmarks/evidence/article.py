"""The article's experiment as it is written: MNIST, two layers of 512, rate 0.5 or none."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from evidence import written
from evidence.case import NONE, Case, Params, Place, Training, dropout

TEXT = """\
MNIST, 48,000 rows to train on and 12,000 to validate on, 784-512-512-10, Adam, batches of 128, 20
epochs, no dropout against 0.5.
"""
TITLE = "The article's experiment"


def cases(place: Place, seed: int, _found: Sequence[Training]) -> Iterator[Case]:
    """48,000 rows to train on, 12,000 to validate on: the seed draws them."""
    yield Case(
        "784-512-512-10",
        seed,
        {
            "data": str(place.data / "mnist.npz"),
            "space": {"variant": ["none", "standard"], "width": 512, "depth": 2},
            "training": {"epochs": 20, "batch_size": 128, "validation_split": 0.2},
        },
        [NONE, dropout("standard", 0.5)],
    )


def show(found: Sequence[Training]) -> str:
    """What the article says, and what was measured, with the differences of the same seeds."""
    case = "784-512-512-10"
    none, half = written.candidates(found, case)
    rows = []
    for name, value in _MEASURES.items():
        without, with_dropout = ({e.seed: value(e) for e in _of(found, p)} for p in (none, half))
        rows.append(
            (
                name,
                written.mean(without.values(), 100),
                written.mean(with_dropout.values(), 100),
                written.shown(written.minus(with_dropout, without), 100, 2),
            )
        )
    return written.table(("percent", "without", "dropout 0.5", "difference"), rows)


_MEASURES: Mapping[str, Callable[[Training], float]] = {
    "training accuracy, as fit shows it": lambda each: each.train[-1],
    "training accuracy, without noise": lambda each: each.measured["train"],
    "validation accuracy, last epoch": lambda each: each.validation[-1],
    "validation accuracy, best epoch": lambda each: max(each.validation),
    "gap of training and validation, without noise": lambda each: (
        each.measured["train"] - each.measured["validation"]
    ),
    "test accuracy": lambda each: each.measured["test"],
}


def _of(found: Sequence[Training], params: Params) -> list[Training]:
    return [each for each in found if each.params == params]
