"""Points of a space from which the next is chosen."""

import numpy as np
from _search_spaces import SPACE

from tuner.study.curves.options import options
from tuner.study.search_space import SearchSpace

LEADER = {"variant": "scheduled", "rate": 0.3, "width": 512, "depth": 2, "scheduled.shape": "late"}


def drawn(ranked=(), space=SPACE, seed=0):
    return options(space, ranked, np.random.default_rng(seed))


def test_each_option_is_what_the_space_makes_of_its_values():
    for named, params in drawn([LEADER]):
        assert SPACE.params_of(named) == params
        inside = SPACE.contains(named)
        assert inside.keys() >= {"variant", "width"}


def test_all_of_the_space_is_drawn_and_nothing_twice():
    found = [params for _, params in drawn()]
    assert {each["variant"] for each in found} == set(SPACE.variants)
    assert {each["width"] for each in found} == {64, 256, 512}
    assert len(found) == len({str(sorted(each.items())) for each in found})


def test_many_are_near_the_leader():
    def near(ranked):
        found = [params for _, params in drawn(ranked)]
        return sum(each["variant"] == "scheduled" and each["width"] == 512 for each in found)

    assert near([LEADER]) > near([]) + 15


def test_the_twin_of_a_leader_is_among_them():
    twin = {"variant": "none", "rate": 0.0, "width": 512, "depth": 2}
    assert twin in [params for _, params in drawn([LEADER])]


def test_a_space_without_none_proposes_no_none():
    space = SearchSpace(SPACE.axes, ("alpha", "standard"), SPACE.branches)
    assert {params["variant"] for _, params in drawn([LEADER], space)} == {"alpha", "standard"}


def test_the_same_seed_draws_the_same():
    assert drawn([LEADER]) == drawn([LEADER])
    assert drawn([LEADER]) != drawn([LEADER], seed=1)
