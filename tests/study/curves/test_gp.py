"""Variances of components: where they fit best, and what follows of them."""

import numpy as np
import pytest
from scipy import optimize

from tuner.study.curves.gp import CONSTANT, Observed, Posterior, Process
from tuner.study.curves.kernel import Component

TERMS = [Component("smooth", 1.0), Component("rough", 1.0), Component("noise", 1.0)]


def observed(n=60, variances=(2.0, 0.02, 0.3), seed=0):
    generator = np.random.default_rng(seed)
    x = generator.uniform(0, 10, n)
    apart = np.abs(x[:, None] - x[None, :])
    matrices = np.array([np.exp(-0.5 * (apart / 2) ** 2), np.exp(-apart / 0.2)])
    total = np.tensordot(variances[:2], matrices, 1) + variances[2] * np.eye(n)
    values = np.linalg.cholesky(total + 1e-9 * np.eye(n)) @ generator.standard_normal(n)
    return Observed(matrices, values, np.zeros(n))


def test_the_gradient_is_that_of_the_loss():
    posterior = Posterior(observed(), TERMS)
    at = np.array([0.3, -1.0, -0.5])
    slope = optimize.approx_fprime(at, lambda logs: posterior.loss(logs)[0], 1e-6)
    np.testing.assert_allclose(posterior.loss(at)[1], slope, rtol=1e-4)


def test_the_variances_that_made_the_values_are_found():
    modes = [Posterior(observed(seed=seed), TERMS).mode() for seed in range(10)]
    assert np.exp(np.median(modes, axis=0))[[0, 2]] == pytest.approx([2.0, 0.3], rel=0.6)
    assert np.exp(np.median(modes, axis=0))[1] < 0.3


def test_draws_lie_around_the_mode_and_count_together_as_one():
    posterior = Posterior(observed(), TERMS)
    mode = posterior.mode()
    logs, density = posterior.draws(mode, 200)
    likely = np.exp(density - density.max()) / np.exp(density - density.max()).sum()
    assert 1 / np.sum(likely**2) > 50
    assert np.abs(likely @ logs - mode).max() < 1


def test_a_component_that_is_not_there_is_less_likely_than_one_that_is():
    posterior = Posterior(observed(), TERMS)

    def evidence(of):
        return np.logaddexp.reduce(of.draws(of.mode(), 200)[1])

    without_smooth = posterior.without({"smooth"})
    assert [term.name for term in without_smooth.terms] == ["rough", "noise"]
    assert evidence(without_smooth) < evidence(posterior) - 5
    assert evidence(posterior.without({"rough"})) > evidence(posterior)


def test_the_posterior_is_that_of_the_textbook():
    given, variances = observed(8), np.array([1.0, 0.5, 0.1])
    prior = given.mixed(variances[:2])
    process = Process.of(variances, prior, given.values, given.extra)
    total = 1.0 * given.matrices[0] + 0.5 * given.matrices[1] + CONSTANT
    noisy = total + (0.1 + 1e-6) * np.eye(8)
    mean, covariance = process.posterior(prior, prior)
    np.testing.assert_allclose(mean, total @ np.linalg.solve(noisy, given.values))
    np.testing.assert_allclose(process.mean(prior), mean)
    np.testing.assert_allclose(covariance, total - total @ np.linalg.solve(noisy, total))


def test_what_is_less_sure_counts_less():
    given, third = observed(8), np.arange(8) == 3
    prior, extra = given.mixed(np.ones(2)), np.where(third, 1e6, 0.0)
    mean = Process.of(np.ones(3), prior, given.values, extra).mean(prior)
    other = np.where(third, 99.0, given.values)
    moved = Process.of(np.ones(3), prior, other, extra).mean(prior)
    np.testing.assert_allclose(mean, moved, atol=1e-3)
