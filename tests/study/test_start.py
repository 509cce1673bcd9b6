"""The first trials: baselines, no dropout at each choice, each variant once at one place."""

import pytest
from _search_spaces import SPACE, with_axes

from tuner.schema import Range
from tuner.study.search_space import BASELINES, SearchSpace
from tuner.study.start import baselines, moderate, start


def params(space):
    return [space.params_of(given.named) for given in start(space)]


def test_a_search_begins_with_the_baselines():
    assert start(SPACE)[: len(BASELINES)] == baselines(SPACE)


def test_no_dropout_comes_at_every_choice():
    found = [each["width"] for each in params(SPACE) if each["variant"] == "none"]
    assert found == [256, 64, 512]


def test_of_many_choices_no_dropout_comes_at_the_ends():
    space = with_axes(width=(8, 16, 32, 64, 128), units=Range(low=8, high=64))
    found = [each["width"] for each in params(space) if each["variant"] == "none"]
    assert found == [32, 8, 128]


def test_every_variant_comes_once_where_the_baseline_is():
    found = params(SPACE)[4:]
    assert [each["variant"] for each in found] == ["alpha", "scheduled"]
    assert {(each["width"], each["depth"]) for each in found} == {(256, 2)}
    assert [each["rate"] for each in found] == [0.15, 0.25]


def test_roles_are_those_that_stores_hold():
    roles = [given.role for given in start(SPACE)]
    assert roles == ["baseline"] * 4 + ["first of its variant"] * 2


def test_the_rate_of_each_site_is_moderate_too():
    space = SearchSpace(
        SPACE.axes, SPACE.variants, SPACE.branches, sites=(True, False), per_site_rate=True
    )
    last = start(space)[-1].named
    assert (last["rate.0"], last["rate.1"]) == (0.15, 0.25)


@pytest.mark.parametrize(
    ("axis", "rate"),
    [
        (Range(low=0.0, high=0.8), 0.25),
        (Range(low=0.0, high=0.3), 0.15),
        (Range(low=0.4, high=0.6), 0.4),
        (Range(low=0.01, high=0.09, log=True), 0.03),
        ((0.1, 0.2, 0.5), 0.2),
        (0.0, 0.0),
        (0.7, 0.7),
    ],
    ids=str,
)
def test_a_moderate_rate_is_a_quarter_or_near_it(axis, rate):
    assert moderate(axis) == pytest.approx(rate)
