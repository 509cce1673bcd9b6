"""The model: fast enough for a worker, the same again, less sure where nothing was tried."""

import time

import numpy as np
import pytest
from _worlds import AXES, World, params

from tuner.study.curves.model import Model, root
from tuner.study.curves.tried import Tried


def tried(n, **world):
    given, values = World(0, **world).trials(n)
    return Tried.of(given, values, maximize=True, axes=AXES)


def test_it_is_fitted_in_less_than_a_tenth_of_a_second():
    known, seconds = tried(50), []
    for _ in range(5):
        began = time.perf_counter()
        Model.fit(known)
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.1


def test_the_noise_of_seeds_is_found():
    assert Model.fit(tried(200, noise=0.3)).noise == pytest.approx(0.3, rel=0.15)


def test_what_the_widths_are_worth_is_told_from_what_dropout_does():
    found = Model.fit(tried(200, height=0.0, by_width=2.0)).variances
    assert found["width"] > 10 * sum(found[name] for name in ("rate", "variant", "rate, shared"))


def test_samples_are_as_the_joint_distribution_says():
    model = Model.fit(tried(50), n_others=0)
    asked = [params("none", 0.0, 64), params("gaussian", 0.4, 512), params("gaussian", 0.41, 512)]
    mean, covariance = model.joint(asked)
    samples = model.transform.forward(model.samples(asked, 20_000))
    np.testing.assert_allclose(samples.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(samples.T), covariance, atol=0.02)


def test_likely_variances_besides_the_best_make_less_sure():
    given = tried(30)
    spread = [
        np.std(Model.fit(given, n_others=n).samples([params("mc", 0.7, 64)], 4000)) for n in (0, 24)
    ]
    assert spread[0] < spread[1] < 2 * spread[0]


def test_a_singular_covariance_has_a_root():
    same = np.ones((3, 3))
    np.testing.assert_allclose(root(same) @ root(same).T, same, atol=1e-9)


def test_a_variant_that_was_not_tried_can_be_asked_about():
    other = params("spatial", 0.4, 512)
    model = Model.fit(tried(50), [other])
    known, unknown = np.diag(model.joint([params("gaussian", 0.4, 512), other])[1])
    assert unknown > known


def test_means_do_not_depend_on_how_many_are_asked_for():
    known = tried(60)
    model = Model.fit(known)
    once, many = model.means(known.params), model.means([*known.params] * 27)
    assert many == pytest.approx(np.tile(once, 27), abs=1e-12)
