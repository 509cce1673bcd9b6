"""Every key of a study file as a keyword, once."""

from inspect import Parameter

import pytest

from tuner.schema import Axis
from tuner.study.definition import SECTIONS, StudyDefinition
from tuner.study.keywords import KEYS, signature_of
from tuner.study.study_file import override

VALUES = {
    "training.epochs": 3,
    "search.trials": 7,
    "compare.seeds": 5,
    "table.missing": "drop",
    "metric": "nll",
    "space.rate": {"low": 0.1, "high": 0.2},
    "space.variant": ["none", "concrete"],
}


def some_function(model, data=None, *, jobs=None, epochs=9, **options):
    pass


def test_every_key_of_a_study_file_has_one_name():
    sections = sum(len(table.model_fields) for table in SECTIONS.values())
    top = len(set(StudyDefinition.model_fields) - set(SECTIONS) - {"space"})
    assert len(KEYS) == sections + top + len(("space", "variant", "per_site_rate", "rate", "width"))
    assert len(set(KEYS.values())) == len(KEYS)


@pytest.mark.parametrize("key", VALUES)
def test_a_key_reaches_the_definition(key):
    assert key in KEYS.values()
    before = StudyDefinition()
    assert override(before, {key: VALUES[key]}) != before


def test_a_space_is_laid_over_before_what_is_in_it():
    given = {KEYS["space"]: {"depth": 3}, KEYS["rate"]: 0.2}
    assert override(StudyDefinition(), given).space.axes == {"depth": 3, "rate": 0.2}


def test_keywords_are_typed_as_the_study_file_is():
    found = signature_of(some_function).parameters
    assert found["batch_size"].annotation == int | None
    assert found["rate"].annotation == Axis | None
    assert all(
        found[name].kind == Parameter.KEYWORD_ONLY for name in KEYS if name not in ("model", "data")
    )
    assert found["epochs"].default == 9
    assert "options" not in found
