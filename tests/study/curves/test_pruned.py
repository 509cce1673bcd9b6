"""What a pruned trial would have had."""

import numpy as np
import pytest

from tuner.study.curves.pruned import Extrapolation, Learning


def learning(final, slow, n=10, ended=None, noise=0.0, generator=None):
    """Slow networks gain late: their rate is `slow`."""
    steps = final - (0.2 + slow) * np.exp(-np.arange(1, n + 1) / (2 + 4 * slow))
    if generator is not None:
        steps = steps + noise * generator.standard_normal(n)
    return Learning(np.array([slow]), steps[:ended], ended is None)


@pytest.fixture
def others():
    generator = np.random.default_rng(0)
    drawn = [(generator.normal(1.0, 0.1), generator.uniform(0, 1)) for _ in range(30)]
    return [learning(final, slow, noise=0.01, generator=generator) for final, slow in drawn]


@pytest.mark.parametrize("slow", [0.1, 0.9])
def test_it_gains_what_trials_like_it_gained(others, slow):
    mean, variance = Extrapolation(others).of(learning(0.9, slow, ended=4))
    assert mean == pytest.approx(0.9 - (0.2 + slow) * np.exp(-10 / (2 + 4 * slow)), abs=0.05)
    assert 0 < variance < 0.05**2 * 4


def test_the_shorter_it_ran_the_less_is_known(others):
    variances = [Extrapolation(others).of(learning(0.9, 0.5, ended=n))[1] for n in (1, 4, 8)]
    assert variances == sorted(variances, reverse=True)


def test_nothing_is_known_before_five_trials_are_complete(others):
    trial = learning(0.9, 0.5, ended=4)
    assert Extrapolation(others[:4]).of(trial) is None
    assert Extrapolation(others[:5]).of(trial) is not None
    assert Extrapolation(others).of(learning(0.9, 0.5, ended=0)) is None
