"""Axes as Optuna's distributions, and the part of a range that is allowed."""

import optuna
import pytest
from _search_spaces import with_axes

from tuner.schema import Range, ends
from tuner.study.distributions import axis_of, distribution, narrow


@pytest.mark.parametrize(
    "axis",
    [
        (1, "two", 3.0),
        Range(low=0, high=9),
        Range(low=0.0, high=1.0, step=0.25),
        Range(low=1, high=64, log=True),
        Range(low=0.1, high=1.0, log=True),
    ],
    ids=str,
)
def test_the_axis_of_a_distribution_is_the_one_it_was_made_of(axis):
    assert distribution(axis_of(distribution(axis))) == distribution(axis)
    assert ends(axis_of(distribution(axis))) == ends(axis)


@pytest.mark.parametrize(
    ("axis", "distribution"),
    [
        ((1, 2), optuna.distributions.CategoricalDistribution((1, 2))),
        (Range(low=1, high=9), optuna.distributions.IntDistribution(1, 9)),
        (Range(low=1, high=9, step=4), optuna.distributions.IntDistribution(1, 9, step=4)),
        (Range(low=1, high=9, log=True), optuna.distributions.IntDistribution(1, 9, log=True)),
        (Range(low=0, high=0.5), optuna.distributions.FloatDistribution(0.0, 0.5)),
        (Range(low=0, high=1, step=0.5), optuna.distributions.FloatDistribution(0, 1, step=0.5)),
        (
            Range(low=0.1, high=1, log=True),
            optuna.distributions.FloatDistribution(0.1, 1, log=True),
        ),
    ],
    ids=str,
)
def test_axis_becomes_the_distribution_of_its_kind(axis, distribution):
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    with_axes(x=axis).suggest(trial)
    assert trial.distributions["x"] == distribution


@pytest.mark.parametrize(
    ("shared", "narrowed"),
    [
        (Range(low=0.1, high=0.2), Range(low=0.1, high=0.2)),
        (Range(low=0.0, high=0.8), Range(low=0.05, high=0.3)),
        (Range(low=0.2, high=0.8, step=0.1), Range(low=0.2, high=0.3, step=0.1)),
        ((0.0, 0.1, 0.3, 0.5), (0.1, 0.3)),
        (0.2, 0.2),
    ],
    ids=str,
)
def test_narrow_gives_the_part_that_a_variant_allows(shared, narrowed):
    assert narrow(shared, Range(low=0.05, high=0.3)) == narrowed


@pytest.mark.parametrize("shared", [Range(low=0.5, high=0.8), (0.5, 0.6), 0.5], ids=str)
def test_narrow_gives_none_where_a_variant_allows_nothing(shared):
    assert narrow(shared, Range(low=0.05, high=0.3)) is None
