"""Trials -> what is known, or that it is too little."""

import pytest
from _made_studies import study, trial
from _worlds import AXES, World

from tuner.study.curves.fitting import fit, of_values
from tuner.study.reading import read


def fitted(*numbers, metric="accuracy"):
    return fit(read(study(*(trial(n, metric) for n in numbers), metric=metric)))


@pytest.mark.parametrize(
    ("numbers", "is_known"),
    [((0, 1, 2), False), ((1, 2, 3, 5, 6, 7, 9), False), (range(8), True)],
    ids=["three trials", "none without dropout", "eight trials"],
)
def test_nothing_is_said_of_too_little(numbers, is_known):
    assert (fitted(*numbers) is not None) == is_known


def test_a_study_is_known_with_its_rows_and_its_pruned_trials():
    found = fitted(*range(40))
    assert found.rows == 288
    assert len(found.tried.params) == 40
    assert found.n_complete["none"] == 8
    assert fitted(*range(40), metric="rmse").rows is None


def test_other_rows_make_a_difference_less_sure():
    given, values = World(0).trials(60)
    found = of_values(given, values, maximize=True, axes=AXES)
    of_rows = type(found)(found.model, found.tried, found.n_complete, True, rows=288)
    plain, wider = found.effect, of_rows.effect
    assert wider.high - wider.low > plain.high - plain.low
    same = of_rows.difference(given[0], given[0])
    assert (same.low, same.high) == (0, 0)
