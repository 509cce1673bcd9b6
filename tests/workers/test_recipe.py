"""What params stand for, and which are known already."""

import pytest

from tuner.data.loading import open_dataset
from tuner.study.study_file import override
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import resolve


@pytest.fixture
def recipes(tiny):
    definition = override(tiny, {"space.variant": ["standard"]})
    train_validation = open_dataset(definition.data_settings).train_validation
    return Recipes(resolve(definition, train_validation), train_validation)


def params(rate, width):
    return {"variant": "standard", "rate": rate, "width": width, "depth": 1}


def test_a_width_is_known_once_it_was_trained_whatever_the_rate(recipes):
    assert not recipes.is_known({"rate": 0.1, "width": 8})
    recipes.of(params(0.1, 8))
    assert recipes.is_known({"rate": 0.7, "width": 8})
    assert not recipes.is_known({"rate": 0.1, "width": 16})


def test_another_variant_of_the_same_width_is_not_known(recipes):
    recipes.of({**params(0.0, 8), "variant": "none"})
    assert not recipes.is_known({"rate": 0.1, "width": 8})
