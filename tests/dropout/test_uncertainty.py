"""What the passes disagree on, and the likelihood of targets."""

import math

import numpy as np
from _passes import classifier, linear, numpy, rows, samples
from scipy.stats import norm

from tuner.dropout.mc import MCDropout, predictive, uncertainty


def test_mutual_information_is_within_its_bounds_and_splits_the_entropy():
    layer, x = MCDropout(classifier(0.5), 50, "logits"), 3 * rows()
    entropy, information = (numpy(part) for part in uncertainty(layer, x))
    drawn = samples(layer, x)
    mean = drawn.mean(axis=0)
    np.testing.assert_allclose(entropy, -(mean * np.log(mean)).sum(axis=-1), rtol=1e-4)
    aleatoric = -(drawn * np.log(drawn)).sum(axis=-1).mean(axis=0)
    np.testing.assert_allclose(information, entropy - aleatoric, atol=1e-4)
    assert np.all((information > 0.01) & (information < math.log(3)))


def test_two_classes_of_one_logit_have_the_entropy_of_two():
    layer, x = MCDropout(classifier(0.0, None, 1), 4, "logit"), rows()
    p = numpy(layer.sample(x, 0))[:, 0]
    entropy, _ = uncertainty(layer, x)
    np.testing.assert_allclose(entropy, -p * np.log(p) - (1 - p) * np.log(1 - p), rtol=1e-4)


def test_the_log_likelihood_is_that_of_the_mixture_of_the_passes():
    layer, x = MCDropout(linear(0.3, units=2), 30, "values", tau=4.0), rows()
    y = rows(features=2, seed=1)
    mean, likelihood, deviation = (numpy(part) for part in predictive(layer, x, y))
    drawn = samples(layer, x)
    densities = norm.pdf(y, drawn, 4.0**-0.5).prod(axis=-1)  # of a row in each pass
    np.testing.assert_allclose(likelihood, np.log(densities.mean(axis=0)), rtol=1e-4)
    np.testing.assert_allclose(mean, drawn.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(deviation, np.sqrt(1 / 4.0 + drawn.var(axis=0)), rtol=1e-4)
    apart = np.log(norm.pdf(y, drawn, 4.0**-0.5).mean(axis=0)).sum(axis=-1)
    assert not np.allclose(likelihood, apart, rtol=1e-2)  # the targets of a pass go together


def test_the_log_likelihood_of_a_target_far_away_is_finite():
    layer = MCDropout(linear(0.3), 5, "values", tau=1e4)
    likelihood = predictive(layer, rows(), rows(features=4) + 100)[1]
    assert np.all(np.isfinite(likelihood))
