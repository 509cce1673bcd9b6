"""Metrics of answers, in the units of the targets."""

import numpy as np
import pytest

from tuner.training.metrics import metric_of


def test_metrics_of_answers_are_in_the_units_of_the_targets():
    y, answers = np.array([[1.0], [2.0]]), np.array([[1.5], [1.0]])
    assert metric_of("mae", answers, y, 10.0) == pytest.approx(7.5)
    assert metric_of("mse", answers, y, 10.0) == pytest.approx(62.5)
    assert metric_of("rmse", answers, y, 10.0) == pytest.approx(62.5**0.5)
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]])
    assert metric_of("accuracy", probabilities, np.array([0, 1]), 1.0) == 0.5
    assert metric_of("nll", probabilities, np.array([0, 1]), 1.0) == pytest.approx(
        -np.log(0.36) / 2
    )
