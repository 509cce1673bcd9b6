"""Training models of one study: the same from the same seed, and what is known already."""

import pytest
from _trials import Trials

from tuner.data.loading import open_dataset
from tuner.study.study_file import override


@pytest.fixture
def trainer(tiny):
    definition = override(tiny, {"space.variant": ["standard"]})
    train_validation = open_dataset(definition.data_settings).train_validation
    return Trials(definition, train_validation)


def params(rate, width):
    return {"variant": "standard", "rate": rate, "width": width, "depth": 1}


def test_a_training_does_not_depend_on_those_before(trainer):
    first = trainer.run(params(0.3, 8), seed=5).history
    trainer.run(params(0.6, 8), seed=6)
    trainer.run(params(0.6, 16), seed=6)
    assert trainer.run(params(0.3, 8), seed=5).history == first
