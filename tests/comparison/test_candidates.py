"""Who is compared: the best of each variant, and the baselines."""

import pytest
from _compared import results

from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.errors import UsageError


def test_candidates_are_the_best_of_each_variant_and_both_baselines(searched):
    found = results()
    chosen = {candidate.name: candidate for candidate in candidates.choose(found)}
    assert {"none", "gaussian", candidates.DEFAULT} <= set(chosen)
    best = {row.variant: row.best.params for row in found.variants}
    assert chosen["none"].params == best["none"]
    assert chosen["gaussian"].params == best["gaussian"]
    default = chosen[candidates.DEFAULT].params
    assert default["rate"] == 0.5
    assert ("standard" in chosen) == (best["standard"] != default)
    assert chosen["none"].n_hyperparameters < chosen["gaussian"].n_hyperparameters
    assert {"none", candidates.DEFAULT} <= {each.name for each in candidates.choose(found, 1)}


def test_without_a_baseline_there_is_nothing_to_compare(tmp_path, monkeypatch, npz):
    monkeypatch.chdir(tmp_path)
    flags = ["--name", "mine", "--epochs", "2", "--width", "8", "--trials", "1", "-q"]
    run(["search", "--data", str(npz), *flags, "--variant", "gaussian"])
    with pytest.raises(UsageError, match="has nothing to compare no dropout with"):
        candidates.choose(results())
