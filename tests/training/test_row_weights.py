"""Rows count by their weights: in the loss, in the metric of every part, and in its error."""

import keras
import numpy as np
import pytest

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 3))
CLASSES = (X.sum(1) > 0).astype(int)
WRONG = np.arange(400) % 4 == 0
"""A quarter of the rows have another label; with a weight of 0 nobody should know."""
FLIPPED = np.where(WRONG, 1 - CLASSES, CLASSES)
WEIGHT = np.where(WRONG, 0.0, 5.0)
SLOW = [pytest.param(metric, marks=pytest.mark.slow) for metric in ("nll", "f1", "auc")]
NUMBERS = np.where(WRONG, 900.0, X.sum(1))


def trained(y, weight, metric):
    """Result, what `assess` says, and the study."""
    resolved = study_of(y, weight, metric)
    trainer, recipes = trainer_of(resolved, resolved.data)
    result = trainer.run(recipes.of(resolved.space.params_of(resolved.space.baseline(0))), 0)
    return result, trainer.assess(), resolved


def study_of(y, weight, metric):
    definition = StudyDefinition.parse(
        {
            "metric": metric,
            "space": {"width": 16, "depth": 1, "variant": ["none"]},
            "training": {"epochs": 20, "learning_rate": 0.02, "standardize_targets": False},
        },
        "test",
    )
    given = prepare(RawData(X, y, weight=weight), definition.data_settings).train_validation
    return resolve(definition, given)


@pytest.mark.parametrize("metric", ["accuracy", *SLOW])
def test_rows_without_weight_neither_teach_nor_judge(metric):
    result, assessed, resolved = trained(FLIPPED, WEIGHT, metric)
    plain, *_ = trained(FLIPPED, None, metric)
    if metric == "nll":
        assert result.value < 0.2 < plain.value
        assert assessed["nll"] == pytest.approx(result.value, rel=1e-4)
    else:
        assert min(result.value, result.train_value) > 0.95
        assert plain.value < 0.85
    said = "rows weigh as sample_weight says, to a mean of 1 in each part, in loss and metric"
    assert said in resolved.notes


@pytest.mark.parametrize(
    "metric", ["nll", *(pytest.param(name, marks=pytest.mark.slow) for name in ("rmse", "mae"))]
)
def test_targets_without_weight_neither_teach_nor_judge(metric):
    result, assessed, _ = trained(NUMBERS, WEIGHT, metric)
    plain, *_ = trained(NUMBERS, None, metric)
    assert result.value < 2 < plain.value
    if metric == "nll":
        assert assessed["nll"] == pytest.approx(result.value, rel=1e-3)


@pytest.mark.slow
def test_equal_weights_change_nothing():
    found = [trained(CLASSES, weight, "accuracy")[0] for weight in (None, np.full(400, 7.0))]
    assert found[0].value == found[1].value
    assert found[0].history[-1]["val_loss"] == pytest.approx(
        found[1].history[-1]["val_loss"], rel=1e-5
    )


def test_as_many_rows_tell_as_have_a_weight():
    data = study_of(FLIPPED, WEIGHT, "accuracy").data
    weighed = int((data.validation.weight > 0).sum())
    assert data.n_validation == 64
    assert data.n_telling == weighed < 64
    assert study_of(FLIPPED, np.ones(400), "accuracy").data.n_telling == 64


def test_a_part_whose_weights_are_all_0_is_refused():
    x_test, y_test = X[:9], CLASSES[:9]
    raw = RawData(X, CLASSES, x_test, y_test, weight=WEIGHT, weight_test=np.zeros(9))
    with pytest.raises(UsageError, match="all weights of the rows of a part are 0"):
        prepare(raw, StudyDefinition().data_settings)


@pytest.mark.slow
def test_overlaps_count_fractions_of_weights():
    weight = np.where(WRONG, 1.3, 0.9)  # as whole numbers 1 and 0: the wrong ones alone
    assert trained(FLIPPED, weight, "iou")[0].value > 0.3


def test_masked_metrics_take_weights_too():
    from tuner.training.measures import _times

    mask, weight = keras.ops.array([1.0, 0.0, 1.0, 1.0]), keras.ops.array([2.0, 3.0])
    assert np.asarray(_times(mask, weight)).tolist() == [2, 0, 3, 3]
