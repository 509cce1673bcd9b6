"""Targets and rows far from zero are trained on, measured and saved as their shifted twins are."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.data.scaling import restored
from tuner.study.definition import StudyDefinition
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

X = np.random.default_rng(0).normal(size=(200, 3))
FAR = 1.7e9


def trained(metric, x, y, folder):
    """A trial's result, its notices, and what its saved file gives for the validation rows."""
    table = {
        "metric": metric,
        "space": {"width": 8, "depth": 1, "variant": ["none"]},
        "training": {"epochs": 8, "learning_rate": 0.02},
    }
    definition = StudyDefinition.parse(table, "test")
    resolved = resolve(
        definition, prepare(RawData(x, y), definition.data_settings).train_validation
    )
    notices = []
    trainer, recipes = trainer_of(resolved, resolved.data)
    trainer._notice = notices.append
    result = trainer.run(recipes.of(resolved.space.params_of(resolved.space.baseline(0))), 0)
    trainer.saver()(folder / "best.keras")
    part, scaling = resolved.data.validation, resolved.data.scaling
    raw = restored(part.x, scaling.mean, scaling.scale)
    targets = restored(part.y, scaling.y_mean, scaling.y_scale)
    model = keras.saving.load_model(folder / "best.keras")
    rows = tf.data.Dataset.from_tensor_slices((raw, targets)).batch(16)
    return result.value, trainer.assess(), model.evaluate(rows, verbose=0)[1], notices


@pytest.mark.parametrize("metric", ["rmse", pytest.param("r2", marks=pytest.mark.slow)])
def test_a_target_far_from_zero_is_measured_as_its_twin_near_zero(metric, tmp_path):
    near, far = (trained(metric, X, shift + 10 * X.sum(1), tmp_path) for shift in (0.0, FAR))
    assert far[0] == pytest.approx(near[0], rel=1e-4)
    assert far[1]["nll"] == pytest.approx(near[1]["nll"], rel=1e-4)
    assert far[2] == pytest.approx(near[2], rel=1e-4)
    assert far[3] == []
    assert near[2] > 1  # in units of the target, of which float32 has steps of 128 there


@pytest.mark.slow
def test_rows_far_from_zero_reach_the_saved_model_whole(tmp_path):
    near, far = (trained("rmse", shift + X, X.sum(1), tmp_path) for shift in (0.0, FAR))
    assert far[0] == pytest.approx(near[0], rel=1e-3)
    assert far[2] == pytest.approx(far[0], rel=1e-3)
    assert far[3] == []
