"""Metrics of answers, in the units of the targets."""

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

from tuner.training.metrics import metric_of, nll_of_targets


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


def passes_and_targets(n_passes=6, n=40, k=2):
    generator = np.random.default_rng(0)
    return generator.normal(size=(n_passes, n, k)), generator.normal(size=(n, k))


def test_the_nll_of_targets_is_that_of_a_mixture_of_normal_densities():
    passes, y = passes_and_targets()
    variance, y_scale = np.array([0.3, 2.0]), np.array([5.0, 0.1])
    cov = np.diag(variance * y_scale**2)  # all in the units of the targets
    densities = [
        [
            multivariate_normal.pdf(row, mean, cov)
            for row, mean in zip(y * y_scale, each, strict=True)
        ]
        for each in passes * y_scale
    ]
    expected = -np.log(np.mean(densities, axis=0)).mean()
    assert nll_of_targets(passes, y, variance, y_scale) == pytest.approx(expected, rel=1e-9)


def test_the_nll_of_one_pass_adds_up_over_the_targets():
    (answers, *_), y = passes_and_targets()
    variance, y_scale = np.array([0.3, 2.0]), np.array([5.0, 0.1])
    logs = norm.logpdf(y * y_scale, answers * y_scale, np.sqrt(variance) * y_scale)
    found = nll_of_targets(answers[None], y, variance, y_scale)
    assert found == pytest.approx(-logs.sum(axis=1).mean(), rel=1e-9)


def test_the_nll_in_other_units_is_another_by_the_log_of_the_factor():
    passes, y = passes_and_targets(k=1)
    in_metres, in_feet = (
        nll_of_targets(passes, y, np.array([0.5]), np.array([s])) for s in (1.0, 1 / 0.3048)
    )
    assert in_feet - in_metres == pytest.approx(-np.log(0.3048))
