"""What a search knows: the best is found, intervals hold, and nothing is claimed of nothing."""

import numpy as np
import pytest
from _worlds import AXES, PEAK, WIDTHS, World, params

from tuner.study.curves.fitting import of_values


def known(world, n=60):
    return of_values(*world.trials(n), maximize=True, axes=AXES)


@pytest.fixture(scope="module")
def clear():
    return known(World(0, height=2.0, noise=0.2), 100)


@pytest.fixture(scope="module")
def many():
    """Studies of worlds in which dropout does nothing, and of others in which it helps."""
    return {
        height: [(world := World(s, height), known(world)) for s in range(40)] for height in (0, 1)
    }


def test_the_best_network_is_recommended(clear):
    found = clear.recommended
    assert (found["variant"], found["width"]) == ("gaussian", 512)
    assert found["rate"] == pytest.approx(PEAK, abs=0.15)


def test_what_dropout_does_is_known_against_the_twin_and_the_best_without(clear):
    assert clear.effect.low > 1
    assert clear.gain == clear.effect  # the twin is the best without
    assert clear.p_helps > 0.99
    assert clear.best_none == params("none", 0.0, 512)


def test_at_rate_zero_every_curve_is_the_network_without_dropout(clear):
    none = clear.model.means([params("none", 0.0, 256)])
    at_zero = [params(variant, 0.0, 256) for variant in ("standard", "gaussian", "mc")]
    np.testing.assert_allclose(clear.model.means(at_zero), none[0])
    ends = [clear.curve(name).mean[0] for name in ("standard", "gaussian")]
    assert ends[0] == pytest.approx(ends[1])


def test_a_curve_has_a_band_about_the_truth(many):
    shares = []
    for world, found in many[1]:
        curve, width = found.curve("standard"), found.recommended["width"]
        truth = [world.true(params("standard", rate, width)) for rate in curve.rates]
        shares.append(np.mean((curve.low <= truth) & (truth <= curve.high)))
        assert np.all(curve.low <= curve.mean)
    assert np.mean(shares) > 0.85


def test_a_curve_can_be_had_at_other_shared_axes(clear):
    narrow = clear.curve("gaussian", {"width": 64})
    assert np.ptp(narrow.mean) < 0.5 * np.ptp(clear.curve("gaussian").mean)


def test_safe_rates_lie_about_the_peak_and_widen_with_the_loss(clear):
    few, many = clear.safe_rates(0.1), clear.safe_rates(0.5)
    assert many[0] < few[0] < clear.recommended["rate"] < few[1] < many[1]
    assert clear.safe_rates(1e9) == (0.0, 0.8)


@pytest.mark.parametrize(
    ("n", "is_marked", "is_recommended"), [(1, True, False), (2, True, True), (3, False, True)]
)
def test_a_variant_that_was_tried_little_is_marked_and_of_one_trial_not_recommended(
    n, is_marked, is_recommended
):
    given, values = World(0).trials(40)
    lucky = [params("spatial", 0.4, 512)] * n
    found = of_values([*given, *lucky], [*values, *[9.0] * n], maximize=True, axes=AXES)
    assert (found.too_little == ("spatial",)) == is_marked
    assert (found.recommended["variant"] == "spatial") == is_recommended


def test_worse_is_better_where_the_metric_is_minimized():
    given, values = World(0, height=2.0, noise=0.2).trials(100)
    found = of_values(given, [-value for value in values], maximize=False, axes=AXES)
    assert found.recommended["variant"] == "gaussian"
    assert found.effect.low > 1
    assert found.recommendation.value.mean < 0


def test_the_same_trials_say_the_same():
    first, second = known(World(3)), known(World(3))
    assert first.recommendation == second.recommendation
    assert first.p_variants == second.p_variants


def test_smaller_differences_than_the_threshold_are_noise():
    generator = np.random.default_rng(0)
    equal = generator.standard_normal((2000, 60))
    differences = equal.max(axis=1) - equal[:, 0]
    found = known(World(0, height=0.0, by_width=0.0))
    unit = found.threshold / found.model.noise
    assert unit == pytest.approx(np.quantile(differences, 0.95), abs=0.3)


@pytest.mark.parametrize("height", [0, 1])
def test_intervals_hold_the_truth(many, height):
    """At 95 %, of 40: 33 is five standard errors below."""

    def held(interval, truth):
        return interval.low - 1e-9 <= truth <= interval.high + 1e-9

    inside = {"value": 0, "effect": 0}
    for world, found in many[height]:
        best = found.recommended
        twin = params("none", 0.0, best["width"])
        inside["value"] += held(found.recommendation.value, world.true(best))
        inside["effect"] += held(found.effect, world.true(best) - world.true(twin))
    assert min(inside.values()) >= 32, inside


def test_where_dropout_does_nothing_it_is_not_said_to_help(many):
    sure = [found.p_helps for _, found in many[0]]
    assert np.mean(np.array(sure) > 0.975) <= 0.15
    assert 0.3 < np.mean(sure) < 0.9
    helped = [found.p_helps for _, found in many[1]]
    assert np.mean(helped) > 0.95


def test_the_wide_network_is_recommended_for_its_width_where_dropout_does_nothing(many):
    assert np.mean([found.recommended["width"] == WIDTHS[-1] for _, found in many[0]]) > 0.8
