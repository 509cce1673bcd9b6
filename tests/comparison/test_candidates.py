"""Who is compared: the best of each variant, and the baselines."""

import pytest
from _compared import results
from _made_studies import study
from _made_studies import trial as made_trial

from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.errors import UsageError
from tuner.study.curves.fitting import fit
from tuner.study.reading import read


def expected(found, ranked, variant):
    """The complete trial of a variant that is expected to be the best."""
    complete = [row.params for row in found.trials if row.value is not None]
    return next(each for each in ranked if each["variant"] == variant and each in complete)


def test_candidates_are_the_best_of_each_variant_and_both_baselines(searched):
    found = results()
    chosen = {candidate.name: candidate for candidate in candidates.choose(found)}
    assert {"none", "gaussian", candidates.DEFAULT} <= set(chosen)
    ranked = fit(found).ranked
    best = {row.variant: expected(found, ranked, row.variant) for row in found.variants}
    assert chosen["none"].params == best["none"]
    assert chosen["gaussian"].params == best["gaussian"]
    default = chosen[candidates.DEFAULT].params
    assert default["rate"] == 0.5
    assert ("standard" in chosen) == (best["standard"] != default)
    assert chosen["none"].n_hyperparameters < chosen["gaussian"].n_hyperparameters
    assert {"none", candidates.DEFAULT} <= {each.name for each in candidates.choose(found, 1)}


@pytest.mark.parametrize(
    ("own", "twin"),
    [
        ({"variant": "gaussian", "rate": 0.3}, {"variant": "none"}),
        ({"variant": "concrete", "rate": 0.1, "concrete.length_scale": 1e-3}, {"variant": "none"}),
        ({"variant": "alpha", "rate": 0.2}, {"variant": "alpha"}),
        ({"variant": "mc", "mc.base": "alpha", "rate": 0.2, "mc.passes": 20}, {"variant": "alpha"}),
        ({"variant": "standard", "rate": 0.3, "rate.0": 0.2, "rate.1": 0.4}, {"variant": "none"}),
        ({"variant": "standard", "rate": 0.3, "input_rate": 0.1}, {"variant": "none"}),
    ],
)
def test_a_twin_keeps_what_is_shared_and_drops_nothing(own, twin):
    shared = {"width": 64, "learning_rate": 0.01}
    assert candidates.twin_params(own | shared) == twin | {"rate": 0.0} | shared


def test_every_candidate_has_its_twin_and_every_width_is_there_without_dropout():
    """One search in which each variant was best at another width, and another learning rate."""
    trials = [
        trial(0, variant="none", rate=0.0, width=64, learning_rate=0.01),
        trial(1, variant="gaussian", rate=0.3, width=256, learning_rate=0.01),
        trial(2, variant="alpha", rate=0.2, width=256, learning_rate=0.01),
        trial(3, variant="mc", rate=0.2, width=64, learning_rate=0.02),
    ]
    space = {"width": [64, 256, 512], "learning_rate": {"low": 0.001, "high": 0.1}}
    found = {each.name: each for each in candidates.choose(read(study(*trials, space=space)))}
    assert list(found)[:3] == ["none", "none at width 256", "none at width 512"]
    twins = {name: each.twin for name, each in found.items() if each.is_dropout}
    assert twins == {
        "gaussian": "none at width 256",
        "alpha": "alpha at rate 0",
        "mc": "none like mc",
    }
    assert found["none like mc"].params["learning_rate"] == 0.02
    assert found["alpha at rate 0"].params["width"] == 256
    assert not any(found[name].is_dropout for name in twins.values())


@pytest.mark.parametrize("n", [1, 9])
def test_dropout_at_rate_0_is_no_candidate(n):
    """It would be its own twin; the best that drops something is one, if there is any."""
    rates = [0.0, 0.3][: 1 + (n > 1)]
    trials = [trial(0, variant="none", rate=0.0, width=64)]
    trials += [trial(i, variant="standard", rate=rate, width=64) for i, rate in enumerate(rates, 1)]
    trials += [trial(8 + i, variant="gaussian", rate=0.1 * (1 + i % 2), width=64) for i in range(n)]
    found = {each.name: each for each in candidates.choose(read(study(*trials)))}
    standard = [each.params["rate"] for name, each in found.items() if name == "standard"]
    assert standard == rates[1:]
    assert all(each.params["rate"] > 0 for each in found.values() if each.is_dropout)


def trial(number, **params):
    return made_trial(number, params=params)


def test_without_a_baseline_there_is_nothing_to_compare(tmp_path, monkeypatch, npz):
    monkeypatch.chdir(tmp_path)
    flags = ["--name", "mine", "--epochs", "2", "--width", "8", "--trials", "1", "-q"]
    run(["search", "--data", str(npz), *flags, "--variant", "gaussian"])
    with pytest.raises(UsageError, match="has nothing to compare no dropout with"):
        candidates.choose(results())
