"""The sampling error of an accuracy: binomial, and never less than one row weighs."""

import numpy as np
import pytest

from tuner.study.sampling_error import most_sampling_error, sampling_error

ROWS = (10, 30, 1000)


def test_it_is_the_spread_over_samples_of_as_many_rows():
    drawn = np.random.default_rng(0).binomial(50, 0.8, size=100_000) / 50
    assert sampling_error(0.8, 50) == pytest.approx(drawn.std(), rel=0.01)


@pytest.mark.parametrize("n", ROWS)
@pytest.mark.parametrize("accuracy", [0.0, 1.0])
def test_where_no_row_tells_the_least_is_what_one_row_weighs(accuracy, n):
    assert sampling_error(accuracy, n) == pytest.approx(1 / n)


@pytest.mark.parametrize("n", ROWS)
def test_one_mistake_more_is_no_jump(n):
    assert sampling_error(1 - 1 / n, n) == pytest.approx(1 / n, rel=1 / n)


@pytest.mark.parametrize("n", ROWS)
def test_equal_accuracies_without_mistakes_differ_by_a_row_at_most(n):
    assert most_sampling_error(1.0, 1.0, n) == pytest.approx(1 / n)


def test_a_difference_errs_most_where_the_two_err_on_different_rows():
    generator = np.random.default_rng(0)
    first, second = 0.9, 0.8
    kinds = generator.multinomial(40, [1 - first, 1 - second, first + second - 1], size=100_000)
    differences = (kinds[:, 1] - kinds[:, 0]) / 40
    assert most_sampling_error(first, second, 40) == pytest.approx(differences.std(), rel=0.01)
