"""Each kind of place has a rate of its own, and only those that the network has."""

import pytest

from tuner.schema import Range
from tuner.study.rates import KIND_RATES, Places, with_mean_rate
from tuner.study.search_space import Branch, SearchSpace
from tuner.study.space_definition import SpaceDefinition

SHARED = Range(low=0.0, high=0.8)
KINDS = ("units", "attention", "path", "attention")
BRANCHES = {
    "none": Branch(None, {}),
    "standard": Branch(SHARED, {}),
    "alpha": Branch(Range(low=0.0, high=0.3), {}),
    "adversarial": Branch(SHARED, {}, one_rate=True),
}


def space(**given):
    return SearchSpace(
        {}, tuple(BRANCHES), BRANCHES, **{"sites": (False,) * 4, "kinds": KINDS, **given}
    )


def asked(space, variant):
    names = {}

    def choose(name, label, axis):
        names[label] = (name, axis)
        return variant if label == "variant" else axis if isinstance(axis, float) else axis.low

    params = space.walk(choose)
    return names, params


def test_a_rate_stands_for_all_places_of_a_kind():
    assert space().rate_names() == ["rate", "rate.attention", "rate.path", "rate.attention"]
    names, params = asked(space(), "standard")
    assert {*params} == {"variant", "rate", "rate.attention", "rate.path"}
    assert names["rate.path"] == ("rate.path", KIND_RATES["rate.path"])


def test_a_variant_with_a_range_of_its_own_shares_the_rates_of_kinds():
    names, _ = asked(space(), "alpha")
    assert (names["rate"][0], names["rate.attention"][0]) == ("alpha.rate", "rate.attention")


@pytest.mark.parametrize("variant", ["none", "adversarial"])
def test_a_variant_without_rates_for_places_has_none_for_kinds(variant):
    assert {*asked(space(), variant)[1]} == {"variant", "rate"}


def test_a_space_narrows_the_rate_of_a_kind():
    given = {"rate.attention": Range(low=0.1, high=0.2)}
    names, _ = asked(space(kind_rates=given), "standard")
    assert names["rate.attention"][1] == given["rate.attention"]


def test_the_baseline_has_half_of_the_units_and_the_middle_of_other_kinds():
    named = space().baseline(1)
    assert (named["rate"], named["rate.attention"], named["rate.path"]) == (0.5, 0.25, 0.15)


def test_a_rate_for_each_place_has_the_range_of_its_kind():
    found = dict(Places((False,) * 4, KINDS, one_by_one=True).axes(SHARED))
    assert [axis.high for axis in found.values()] == [0.8, 0.5, 0.3, 0.5]
    assert [*found] == [f"rate.{place}" for place in range(4)]


def test_without_hidden_units_the_rate_is_the_mean_of_the_kinds():
    assert with_mean_rate({"rate.input": 0.2, "rate.recurrent": 0.4})["rate"] == pytest.approx(0.3)
    assert with_mean_rate({"rate": 0.1, "rate.path": 0.3})["rate"] == 0.1


@pytest.mark.parametrize(
    "table", [{"rate.path": [0.1, 0.2]}, {"rate": {"path": [0.1, 0.2]}}], ids=["quoted", "dotted"]
)
def test_a_study_file_names_a_kind_as_toml_has_it(table):
    assert SpaceDefinition.model_validate(table).axes == {"rate.path": (0.1, 0.2)}


def test_the_rate_of_a_kind_is_a_probability_of_dropping():
    with pytest.raises(ValueError, match="probability of dropping"):
        SpaceDefinition.model_validate({"rate.path": 1.5})
