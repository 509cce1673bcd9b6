"""The history of a trial -> rows, one an epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import repeat

History = Mapping[str, list[float]]
"""Losses, values and learned rates, an entry an epoch, by name."""


@dataclass(frozen=True)
class EpochRow:
    """One epoch of one trial; the train values are those of the noisy model.

    `rates` are those that the places have learned by then, in order.
    """

    trial: int
    epoch: int
    train_loss: float
    val_loss: float
    train_value: float
    val_value: float
    rates: tuple[float, ...] = ()


def epoch_rows(number: int, history: History, metric: str) -> list[EpochRow]:
    """The epochs of a trial, in order; none where its history lacks a loss or a value."""
    columns = ("train_loss", "val_loss", f"train_{metric}", f"val_{metric}")
    if not all(name in history for name in columns):
        return []
    values = zip(*(history[name] for name in columns), strict=True)
    places = [history[name] for name in history if name.startswith("rate_")]
    rates = zip(*places, strict=True) if places else repeat(())
    return [
        EpochRow(number, epoch, train_loss, val_loss, train_value, val_value, learned)
        for epoch, ((train_loss, val_loss, train_value, val_value), learned) in enumerate(
            zip(values, rates, strict=False), start=1
        )
    ]
