"""What trials have in common: everything where nothing is dropped, names or not."""

import numpy as np
import pytest

from tuner.schema import VARIANTS
from tuner.study.curves.kernel import components, covariance, matrices
from tuner.study.curves.points import OWN_ORIGIN, Encoder

PARAMS = [
    {"variant": "none", "rate": 0.0, "width": 64, "optimizer": "adam"},
    {"variant": "standard", "rate": 0.0, "width": 64, "optimizer": "adam"},
    {"variant": "gaussian", "rate": 0.0, "width": 64, "optimizer": "adam", "input_rate": 0.0},
    {
        "variant": "scheduled",
        "rate": 0.4,
        "width": 512,
        "optimizer": "sgd",
        "scheduled.shape": "late",
    },
    {
        "variant": "scheduled",
        "rate": 0.4,
        "width": 512,
        "optimizer": "sgd",
        "scheduled.shape": "early",
    },
    {"variant": "gaussian", "rate": 0.4, "width": 64, "optimizer": "adam", "input_rate": 0.2},
]


@pytest.fixture
def encoder():
    return Encoder.of(PARAMS, {})


def test_there_is_a_matrix_for_each_component(encoder):
    points = encoder.points(PARAMS)
    assert len(matrices(encoder, points, points)) == len(components(encoder)) == 9


def test_each_component_is_a_covariance(encoder):
    points = encoder.points(PARAMS)
    for matrix in matrices(encoder, points, points):
        np.testing.assert_allclose(matrix, matrix.T)
        assert np.linalg.eigvalsh(matrix).min() > -1e-9


def test_the_covariance_is_the_sum_of_the_components(encoder):
    many, few = encoder.points(PARAMS * 30), encoder.points(PARAMS)
    variances = np.arange(1.0, 10.0)
    for a, b in ((many, many), (many, few), (few, many)):
        total = np.tensordot(variances, matrices(encoder, a, b), 1)
        np.testing.assert_allclose(covariance(encoder, a, b, variances), total)


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name not in OWN_ORIGIN])
def test_at_rate_zero_every_variant_is_the_network_without_dropout(variant):
    at_zero = {"variant": variant, "rate": 0.0, "width": 64, "optimizer": "adam"}
    encoder = Encoder.of([*PARAMS, at_zero], {})
    points = encoder.points(PARAMS)
    of_variant = matrices(encoder, points, encoder.points([at_zero]))
    np.testing.assert_array_equal(of_variant, matrices(encoder, points, encoder.points(PARAMS[:1])))


def test_close_rates_have_more_in_common_than_far_ones(encoder):
    rates = [{"variant": "standard", "rate": rate, "width": 64} for rate in (0.3, 0.4, 0.7)]
    points = encoder.points([each | {"optimizer": "adam"} for each in rates])
    names = [each.name for each in components(encoder)]
    rate = matrices(encoder, points, points)[names.index("rate")]
    assert rate[0, 1] > 2 * rate[0, 2] > 0
