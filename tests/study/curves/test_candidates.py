"""Where the best is looked for."""

import pytest

from tuner.schema import Range
from tuner.study.curves.candidates import candidates, rates_of, shared_of, twin_of

CONCRETE = {"variant": "concrete", "rate": 0.1, "width": 64, "concrete.length_scale": 0.01}
SITES = {"variant": "gaussian", "rate": 0.2, "rate.0": 0.1, "rate.1": 0.3, "width": 64}
RANKED = [
    {"variant": "standard", "rate": 0.3, "width": 512},
    CONCRETE,
    {"variant": "none", "rate": 0.0, "width": 64},
]


def test_every_variant_is_looked_for_at_all_shared_axes_that_were_tried():
    found = candidates(RANKED, {"rate": Range(low=0.0, high=0.8)})
    assert {(each["variant"], each["width"]) for each in found} == {
        (variant, width) for variant in ("none", "standard", "concrete") for width in (64, 512)
    }
    assert all(each in found for each in RANKED)
    assert len(found) == len({str(sorted(each.items())) for each in found})


def test_a_learned_rate_stays_with_the_hyperparameters_that_it_was_tried_with():
    found = [each for each in candidates(RANKED, {}) if each["variant"] == "concrete"]
    assert found == [CONCRETE, {**CONCRETE, "width": 512}]


@pytest.mark.parametrize(
    ("axis", "rates"),
    [
        (Range(low=0.0, high=0.8, step=0.4), [0.0, 0.4, 0.8]),
        (Range(low=0.01, high=1.0, log=True), [0.01, 0.1, 1.0]),
        (Range(low=0.2, high=0.4), [0.2, 0.3, 0.4]),
        ((0.1, 0.5), [0.1, 0.3, 0.5]),
        (None, [0.3]),
    ],
    ids=str,
)
def test_rates_are_those_of_the_axis(axis, rates):
    axes = {} if axis is None else {"rate": axis}
    found = rates_of("standard", RANKED, axes, 3)
    assert [each["rate"] for each in found] == pytest.approx(rates)


def test_sites_share_a_rate_and_the_input_keeps_to_its_own_range():
    axes = {"rate.0": Range(low=0.0, high=0.3), "rate.1": Range(low=0.0, high=0.8)}
    first, last = rates_of("gaussian", [SITES], axes, 2)
    assert first == {"rate": 0.0, "rate.0": 0.0, "rate.1": 0.0}
    assert last == {"rate": pytest.approx(0.55), "rate.0": 0.3, "rate.1": 0.8}


def test_the_twin_is_the_same_network_without_dropout():
    assert shared_of(CONCRETE) == {"width": 64}
    assert twin_of(CONCRETE) == {"variant": "none", "rate": 0.0, "width": 64}
    assert twin_of(SITES) == {"variant": "none", "rate": 0.0, "width": 64}
