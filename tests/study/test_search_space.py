"""The space of a study: what is asked of Optuna, under which names."""

from dataclasses import replace

import optuna
import pytest
from _search_spaces import OWN_RATE, SPACE, Hyperparameter, with_axes

from tuner.schema import Range
from tuner.study.search_space import BASELINES, SHARED_RATE, Branch


def suggested(space, **fixed):
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.enqueue_trial({name.replace("__", "."): value for name, value in fixed.items()})
    trial = study.ask()
    return space.suggest(trial), trial.params


def over_bases(**settings):
    """A variant over standard and alpha, and one over alpha alone."""
    hps = {"base": Hyperparameter(("standard", "scheduled")), "passes": Hyperparameter(20)}
    branches = {"mc": Branch(None, hps), "other": Branch(None, {"base": Hyperparameter("alpha")})}
    return replace(
        SPACE,
        variants=("mc", "other"),
        branches={**SPACE.branches, **branches},
        **settings,
    )


def test_a_variant_over_a_base_has_the_rate_and_the_hyperparameters_of_its_base():
    params, named = suggested(over_bases(), variant="mc", mc__base="scheduled")
    assert {"mc.base", "rate", "scheduled.shape"} <= set(named)
    assert (params["mc.passes"], params["mc.base"]) == (20, "scheduled")
    assert "scheduled.shape" not in suggested(over_bases(), variant="mc", mc__base="standard")[1]


def test_a_variant_over_a_base_has_the_range_of_its_base():
    params, named = suggested(over_bases(), variant="other")
    assert "alpha.rate" in named
    assert params["rate"] == named["alpha.rate"]


def test_a_variant_over_a_base_may_have_a_range_of_its_own():
    space = over_bases()
    branch = replace(space.branches["mc"], rate=Range(low=0.4, high=0.5))
    space = replace(space, branches={**space.branches, "mc": branch})
    assert "mc.rate" in suggested(space, variant="mc", mc__base="scheduled")[1]


@pytest.mark.parametrize(
    ("settings", "highs"),
    [
        ({"sites": (True, False, False)}, {"rate": 0.8, "input_rate": 0.3}),
        ({"sites": (True, False), "input_rate": Range(low=0.1, high=0.9)}, {"input_rate": 0.8}),
        ({"sites": (True, True)}, {"rate": 0.8}),
        ({"sites": (False, False)}, {"rate": 0.8}),
        ({"sites": (True, False), "per_site_rate": True}, {"rate.0": 0.3, "rate.1": 0.8}),
    ],
)
def test_the_rate_at_the_input_stays_low(settings, highs):
    space = replace(SPACE, **settings)
    study = optuna.create_study()
    study.enqueue_trial({"variant": "standard"})
    trial = study.ask()
    params = space.suggest(trial)
    found = {name: trial.distributions[name].high for name in highs}
    assert found == highs
    assert ("input_rate" in params) == ("input_rate" in highs)
    assert len(space.rate_names()) == len(settings["sites"])


def test_a_range_of_its_own_has_an_input_rate_of_its_own():
    space = replace(SPACE, sites=(True, False))
    assert {"alpha.rate", "alpha.input_rate"} <= set(suggested(space, variant="alpha")[1])


@pytest.mark.parametrize(
    ("fixed", "names"),
    [
        ({"variant": "none"}, {"variant", "rate", "width", "depth"}),
        ({"variant": "standard"}, {"variant", "rate", "width", "depth"}),
        (
            {"variant": "scheduled", "scheduled__shape": "constant"},
            {"variant", "rate", "width", "depth", "scheduled.shape"},
        ),
        (
            {"variant": "scheduled", "scheduled__shape": "late"},
            {"variant", "rate", "width", "depth", "scheduled.shape", "scheduled.cutoff"},
        ),
    ],
    ids=["none", "standard", "condition not met", "condition met"],
)
def test_hyperparameters_come_only_with_their_variant_and_condition(fixed, names):
    assert set(suggested(SPACE, **fixed)[0]) == names


@pytest.mark.parametrize(
    ("variant", "names"),
    [
        ("none", {"variant", "width"}),
        ("standard", {"variant", "width", "rate"}),
        ("alpha", {"variant", "width", "alpha.rate"}),
    ],
)
def test_shared_rate_has_a_shared_name_and_an_own_one_that_of_its_variant(variant, names):
    assert set(suggested(SPACE, variant=variant)[1]) == names


def test_params_call_every_rate_rate():
    params, sampled = suggested(SPACE, variant="alpha")
    assert params["rate"] == sampled["alpha.rate"]


def test_rate_without_dropout_is_zero():
    assert suggested(SPACE, variant="none")[0]["rate"] == 0.0


def test_axis_with_one_value_is_not_asked_of_optuna():
    space = with_axes(width=(64,), depth=2, units=Range(low=8, high=8))
    params, sampled = suggested(space, variant="none")
    assert params == {"variant": "none", "rate": 0.0, "width": 64, "depth": 2, "units": 8}
    assert set(sampled) == {"variant"}


def test_same_seed_suggests_the_same_params():
    assert suggested(SPACE) == suggested(SPACE)


@pytest.mark.parametrize(
    ("axis", "middle"),
    [
        ((64, 256, 512), 256),
        ((64, 256), 256),
        (7, 7),
        (Range(low=0, high=10), 5),
        (Range(low=0, high=11), 5),
        (Range(low=1.0, high=2.0), 1.5),
        (Range(low=1e-4, high=1e-2, log=True), 1e-3),
        (Range(low=16, high=256, log=True), 64),
        (Range(low=8, high=64, step=8), 32),
        (Range(low=0.0, high=1.2, step=0.2), 0.6),
    ],
    ids=str,
)
@pytest.mark.parametrize("number", [0, 1])
def test_baseline_is_in_the_middle_of_other_axes(axis, middle, number):
    assert with_axes(x=axis).baseline(number)["x"] == pytest.approx(middle)


def test_baselines_are_no_dropout_and_the_rate_of_the_article():
    first, second = (SPACE.params_of(SPACE.baseline(number)) for number in range(len(BASELINES)))
    assert (first["variant"], first["rate"]) == ("none", 0.0)
    assert (second["variant"], second["rate"]) == ("standard", 0.5)


@pytest.mark.parametrize(
    ("rate", "inside"),
    [
        (SHARED_RATE, {"rate": 0.5}),
        ((0.1, 0.5), {"rate": 0.5}),
        ((0.1, 0.3), {}),
        (OWN_RATE, {}),
        (Range(low=0.0, high=0.75, step=0.25), {"rate": 0.5}),
        (Range(low=0.0, high=0.9, step=0.3), {}),
    ],
    ids=str,
)
def test_contains_keeps_what_the_space_could_have_sampled(rate, inside):
    branches = SPACE.branches | {"standard": Branch(rate, {})}
    space = replace(SPACE, branches=branches, rate=rate)
    kept = space.contains(space.baseline(1))
    assert kept == {"variant": "standard", "width": 256} | inside


def test_baseline_outside_the_space_runs_as_it_is():
    branches = SPACE.branches | {"standard": Branch((0.1,), {})}
    space = replace(SPACE, variants=("alpha",), branches=branches, rate=(0.1,))
    baseline = space.baseline(1)
    study = optuna.create_study()
    study.enqueue_trial(space.contains(baseline), user_attrs={"fixed": baseline})
    params = space.suggest(study.ask())
    assert params == {"variant": "standard", "rate": 0.5, "width": 256, "depth": 2}


def test_params_of_reads_the_names_of_optuna():
    named = {"variant": "alpha", "alpha.rate": 0.2, "width": 64, "depth": 2}
    expected = {"variant": "alpha", "rate": 0.2, "width": 64, "depth": 2}
    assert SPACE.params_of(named) == expected
