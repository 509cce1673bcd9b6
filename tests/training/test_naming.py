"""Which way a metric is better is known by its name."""

import pytest

from tuner.errors import UsageError
from tuner.training.naming import DEFAULT_METRIC, METRICS, direction_of, known_direction, possible

KERAS = {
    "maximize": "AUC BinaryAccuracy BinaryIoU CosineSimilarity F1Score IoU MeanIoU Precision"
    " PrecisionAtRecall R2Score Recall SensitivityAtSpecificity TopKCategoricalAccuracy"
    " TruePositives TrueNegatives PearsonCorrelation ConcordanceCorrelation",
    "minimize": "BinaryCrossentropy CategoricalHinge FalseNegatives FalsePositives Hinge"
    " KLDivergence LogCoshError MeanAbsoluteError MeanAbsolutePercentageError Poisson"
    " RootMeanSquaredError SquaredHinge",
}


@pytest.mark.parametrize(
    ("name", "direction"),
    [(name, way) for way, names in KERAS.items() for name in names.split()],
)
def test_that_of_keras_is_known_by_its_class(name, direction):
    assert direction_of("score", of_keras=name) == direction


@pytest.mark.parametrize(
    ("name", "direction"),
    [
        ("top_3", "maximize"),
        ("price.mae", "minimize"),
        ("auc_1", "maximize"),
        ("val.f1_score", "maximize"),
        ("own:accuracy", None),
        ("score", None),
    ],
)
def test_a_name_says_it_or_does_not(name, direction):
    assert direction_of(name) == direction


def test_where_it_is_not_known_the_study_says_it():
    assert known_direction("score", "minimize") == "minimize"
    with pytest.raises(UsageError, match='give direction = "maximize" or "minimize"'):
        known_direction("score", None)


@pytest.mark.parametrize("task", DEFAULT_METRIC)
def test_the_default_of_a_task_is_for_it(task):
    assert task in METRICS[DEFAULT_METRIC[task]].tasks


@pytest.mark.parametrize(
    ("metric", "given", "wanted"),
    [
        ("accuracy", (0.98, 0.9, 1.06), [0.98, 0.9, 1.0]),
        ("accuracy", (1.01, 0.9, 1.06), [1.0, 0.9, 1.0]),
        ("rmse", (1.9, -1.7, 5.4), [1.9, 0.0, 5.4]),
        ("r2", (0.9, -2.0, 1.3), [0.9, -2.0, 1.0]),
        ("nll", (0.1, -0.2, 0.4), [0.1, -0.2, 0.4]),
        ("own", (-3.0, -4.0, -2.0), [-3.0, -4.0, -2.0]),
        ("precision", (91.0, 88.0, 94.0), [91.0, 88.0, 94.0]),
    ],
)
def test_an_interval_ends_where_the_metric_does(metric, given, wanted):
    """The last is of another metric of that name, in percent."""
    assert possible(given, metric) == wanted
