"""Training models of one study: the same from the same seed, and what is known already."""

import pytest

from tuner.data.loading import open_dataset
from tuner.study.study_file import override
from tuner.training.trainer import Trainer
from tuner.workers.resolve import resolve


@pytest.fixture
def trainer(tiny):
    definition = override(tiny, {"space.variant": ["standard"]})
    development = open_dataset(definition).development
    return Trainer(resolve(definition, development), development)


def params(rate, width):
    return {"variant": "standard", "rate": rate, "width": width, "depth": 1}


def test_a_width_is_known_once_it_was_trained_whatever_the_rate(trainer):
    assert not trainer.is_known({"rate": 0.1, "width": 8})
    trainer.run(params(0.1, 8), seed=0)
    assert trainer.is_known({"rate": 0.7, "width": 8})
    assert not trainer.is_known({"rate": 0.1, "width": 16})


def test_another_variant_of_the_same_width_is_not_known(trainer):
    trainer.run({**params(0.0, 8), "variant": "none"}, seed=0)
    assert not trainer.is_known({"rate": 0.1, "width": 8})


def test_a_training_does_not_depend_on_those_before(trainer):
    first = trainer.run(params(0.3, 8), seed=5).history
    trainer.run(params(0.6, 8), seed=6)
    trainer.run(params(0.6, 16), seed=6)
    assert trainer.run(params(0.3, 8), seed=5).history == first
