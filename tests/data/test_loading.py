"""Data by their names: what is opened, and which parts a comparison gets."""

import pytest

from tuner.data.loading import open_dataset, open_sealed
from tuner.data.settings import DataSettings
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition


def settings(**table):
    return StudyDefinition.parse(table, "test").data_settings


def test_the_digits_come_with_the_package():
    found = open_dataset(settings(data="digits"))
    parts = found.train_validation
    assert isinstance(settings(), DataSettings)
    assert len(parts.train.x) + len(parts.validation.x) + len(found.test.x) == 1797
    assert (parts.spec.n_outputs, parts.spec.task) == (10, "classification")


def test_another_split_has_other_test_rows(npz):
    first, second = (
        open_sealed(settings(data=str(npz)), split).train_validation.validation.x
        for split in (0, 1)
    )
    assert first.shape == second.shape
    assert {row.tobytes() for row in first} != {row.tobytes() for row in second}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"data": "digit"}, "unknown data set 'digit'; did you mean 'digits'"),
        ({"data": "digits", "target": "y"}, "--target names a column"),
        ({"data": "nowhere:load"}, "no module 'nowhere'"),
    ],
)
def test_what_cannot_be_opened_is_named(table, words):
    with pytest.raises(UsageError, match=words):
        open_dataset(settings(**table))
