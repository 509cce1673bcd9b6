"""Curves of the best with dropout and the best without."""

import pytest
from _drawn import read, trial

from tuner.plots.curves import without_and_with
from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError


def column(rows, name, **where):
    return [row[name] for row in rows if all(row[k] == v for k, v in where.items())]


@pytest.mark.parametrize(
    ("metric", "numbers"), [("accuracy", (1, 4)), ("rmse", (0, 2))], ids=["maximize", "minimize"]
)
def test_curves_are_of_the_best_without_and_the_best_with_dropout(metric, numbers):
    values = [("none", 0.5), ("none", 0.6), ("alpha", 0.2), ("standard", 0.7), ("standard", 0.9)]
    found = read(*(trial(*value, metric=metric) for value in values), metric=metric)
    assert tuple(row.number for row in without_and_with(found)) == numbers
    rows = make("metric_all", found).rows
    assert column(rows, "epoch", trial=numbers[0]) == [1, 2, 3, 4, 5]
    assert column(rows, "validation", trial=numbers[1])[-1] == values[numbers[1]][1]


@pytest.mark.parametrize("variant", ["none", "alpha"])
def test_curves_need_both(variant):
    with pytest.raises(NotEnoughDataError, match="without and one with dropout"):
        without_and_with(read(trial(variant, 0.5)))
