"""Values as they are modelled: in line, but for disasters."""

import numpy as np
import pytest

from tuner.study.curves.values import Transform

VALUES = np.array([0.90, 0.91, 0.92, 0.93, 0.94, 0.95, 0.10])


@pytest.fixture(params=[True, False], ids=["maximize", "minimize"])
def case(request):
    values = VALUES if request.param else 1 - VALUES
    return values, Transform.of(values, values[:1], maximize=request.param)


def test_values_come_back(case):
    values, transform = case
    np.testing.assert_allclose(transform.backward(transform.forward(values)), values, atol=1e-9)


def test_better_is_higher_whatever_the_metric(case):
    values, transform = case
    modelled = transform.forward(values)
    assert np.all(np.diff(modelled[:-1]) > 0)
    assert modelled[-1] == modelled.min()


def test_a_disaster_does_not_set_the_scale(case):
    values, transform = case
    steps = np.diff(transform.forward(values))[:5]
    np.testing.assert_allclose(steps, steps[0])
    assert steps[0] > 2 * 0.01 / np.std(values)


def test_no_dropout_stays_in_line_however_bad_it_is():
    values = np.array([0.95, 0.96, 0.955, 0.953, 0.952, 0.80])
    drawn = Transform.of(values, values[:1], maximize=True).forward(values)
    kept = Transform.of(values, values[-1:], maximize=True).forward(values)
    assert np.ptp(drawn) / np.std(drawn[:5]) < np.ptp(kept) / np.std(kept[:5])


def test_what_is_not_finite_is_the_worst():
    transform = Transform.of(VALUES, VALUES[:1], maximize=False)
    modelled = transform.forward(np.array([np.nan, np.inf, 0.95]))
    assert modelled[0] == modelled[1] < modelled[2]
    assert np.isfinite(modelled).all()


def test_equal_values_have_a_scale():
    transform = Transform.of(np.full(5, 0.5), np.full(1, 0.5), maximize=True)
    assert np.isfinite(transform.forward(np.array([0.4, 0.5]))).all()


@pytest.mark.parametrize("rounding", [0.0, 1e-8])
def test_one_row_less_is_no_disaster_where_most_values_are_equal(rounding):
    values = np.array([23.0, 23, 23, 23, 23, 23, 22, 21, 2]) / 24 + rounding * np.arange(9)
    modelled = Transform.of(values, values[:1], maximize=True).forward(values)
    first, second, third, last = modelled[[0, 6, 7, 8]]
    assert first - second == pytest.approx(second - third, rel=1e-4)
    assert third - last < 10 * (first - second)
