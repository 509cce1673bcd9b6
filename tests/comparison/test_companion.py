"""tuner compare: candidates on fresh seeds, in the store like any trials; replay; the seal."""

import contextlib
import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from optuna.trial import TrialState

from tuner.cli.compare import _typed
from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.comparison.companion import ComparisonStudy, companion_name, fresh_seeds, parent, point
from tuner.comparison.verdict import judge
from tuner.data.loading import open_dataset, open_sealed
from tuner.errors import StoreError, UsageError
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study

STORE = "sqlite:///studies/tuner.db"


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a small search, with two variants beside the baselines."""
    folder = tmp_path_factory.mktemp("finished")
    generator = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = generator.normal(size=(300, 6)) + 1.5 * np.eye(3)[y] @ generator.normal(size=(3, 6))
    np.savez(folder / "three.npz", x=x.astype("float32"), y=y)
    study = ["--name", "mine", "--data", "three.npz", "--width", "8", "--epochs", "3"]
    search = ["--trials", "8", "--seed", "0", "--pruner", "none", "-q"]
    variants = ["--variant", "none", "--variant", "standard", "--variant", "gaussian"]
    with contextlib.chdir(folder):
        assert run(["search", *study, *search, *variants]) == 0
    return folder


@pytest.fixture
def searched(finished, place):
    """The results of a search that is this test's own."""
    shutil.copytree(finished, place, dirs_exist_ok=True)
    return results()


def results(name="mine"):
    return read(load_study(name, open_storage(STORE)))


def compare(*flags):
    return run(["compare", "mine", "-q", *flags])


def companion(found, n_seeds=3, top=None):
    train_validation = open_sealed(found.definition.data_settings).train_validation
    return ComparisonStudy(STORE, found, candidates.choose(found, top), n_seeds, train_validation)


def test_candidates_are_the_best_of_each_variant_and_both_baselines(searched):
    chosen = {candidate.name: candidate for candidate in candidates.choose(searched)}
    assert {"none", "gaussian", candidates.DEFAULT} <= set(chosen)
    best = {row.variant: row.best.params for row in searched.variants}
    assert chosen["none"].params == best["none"]
    assert chosen["gaussian"].params == best["gaussian"]
    default = chosen[candidates.DEFAULT].params
    assert default["rate"] == 0.5
    assert ("standard" in chosen) == (best["standard"] != default)
    assert chosen["none"].n_hyperparameters < chosen["gaussian"].n_hyperparameters
    assert {"none", candidates.DEFAULT} <= {each.name for each in candidates.choose(searched, 1)}


def test_without_a_baseline_there_is_nothing_to_compare(place, npz):
    flags = ["--name", "mine", "--epochs", "2", "--width", "8", "--trials", "1", "-q"]
    run(["search", "--data", str(npz), *flags, "--variant", "gaussian"])
    with pytest.raises(UsageError, match="has nothing to compare no dropout with"):
        candidates.choose(results())


def test_seeds_are_fresh_and_the_same_for_all(searched):
    seeds = fresh_seeds(searched, 5)
    assert len(set(seeds)) == 5
    assert not set(seeds) & {trial.seed for trial in searched.trials}
    assert fresh_seeds(searched, 8)[:5] == seeds


def test_a_comparison_is_filled_in_pairs_and_extended(searched):
    made, n = companion(searched, 2), len(candidates.choose(searched))
    assert made.fill() == 2 * n
    trials = made.study.get_trials()
    assert [trial.user_attrs["seed"] for trial in trials[:n]] == fresh_seeds(searched, 1) * n
    assert companion(searched, 2).fill() == 2 * n
    assert companion(searched, 3).fill() == 3 * n
    assert (
        len({trial.user_attrs["point"] for trial in companion(searched, 3).study.trials}) == 3 * n
    )


def test_the_sealed_part_is_judged_and_the_rest_is_trained_on(searched):
    usual, sealed = (
        open_dataset(searched.definition.data_settings),
        open_sealed(searched.definition.data_settings),
    )
    parts = usual.train_validation
    assert len(sealed.train_validation.train.x) == len(parts.train.x) + len(parts.validation.x)
    assert len(sealed.train_validation.validation.x) == len(usual.test.x)
    assert np.array_equal(np.sort(sealed.train_validation.validation.y), np.sort(usual.test.y))


def test_the_record_of_an_opening_has_no_password(monkeypatch):
    url = "postgresql://me:secret@db/store"
    for words in (["--storage", url], [f"--storage={url}"]):
        monkeypatch.setattr(sys, "argv", ["tuner", "compare", "mine", *words])
        assert "compare mine" in _typed(url)
        assert "secret" not in _typed(url)
        assert "secret" in _typed("sqlite:///other.db")


def test_a_comparison_ends_with_a_verdict_and_again_trains_nothing(searched, capsys):
    capsys.readouterr()
    assert compare("--seeds", "3", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["n_test"] == 60
    drawn = {Path(path).name for path in document["files"] if Path(path).stat().st_size}
    assert {"verdict.json", "variants.png", "learning_curves.svg", "variants.csv"} <= drawn
    names = {each.name for each in candidates.choose(searched)}
    assert {each["name"] for each in document["finalists"]} == names
    assert all(len(each["scores"]) == 3 for each in document["finalists"])
    assert len({tuple(each["scores"]) for each in document["finalists"]}) == 1
    assert document["sentence"]
    assert len(document["openings"]) == 1
    measures = next(e for e in document["finalists"] if e["name"] == "gaussian")["measures"]
    assert {"gap", "nll", "ece", "passes_nll"} <= set(measures)
    assert measures["passes_nll"] != measures["nll"]
    none = next(e for e in document["finalists"] if e["name"] == "none")["measures"]
    assert {name for name in none if name.startswith("passes")} == set()
    before = len(results(companion_name("mine")).trials)
    assert compare("--seeds", "3", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert len(results(companion_name("mine")).trials) == before
    assert (again["sentence"], again["openings"]) == (document["sentence"], document["openings"])
    assert compare("--seeds", "4") == 0
    shown = capsys.readouterr().out
    assert "Test set opened 2 times." in shown
    assert "verdict.json" in shown
    assert len(results(companion_name("mine")).trials) == before + len(names)


def test_a_value_of_a_comparison_repeats(searched, capsys):
    assert compare("--seeds", "2") == 0
    capsys.readouterr()
    for number in (0, 3, 5):
        assert run(["replay", companion_name("mine"), str(number)]) == 0
        assert "same value, accuracy" in capsys.readouterr().out
    openings = load_study("mine", open_storage(STORE)).user_attrs["openings"]
    assert [each["command"] for each in openings[1:]] == [
        f"tuner replay mine/compare {number}" for number in (0, 3, 5)
    ]


def test_replay_says_same_or_by_how_much(searched, capsys):
    capsys.readouterr()
    assert run(["replay", "mine", "4"]) == 0
    assert "trial 4, 3 epochs: same value, accuracy" in capsys.readouterr().out
    store = open_storage(STORE)
    study = load_study("mine", store)
    study.set_user_attr("versions", study.user_attrs["versions"] | {"keras": "2.0"})
    text = "UPDATE trial_values SET value = value - 0.25 WHERE trial_id = 5"
    store.database.run(lambda connection: connection.exec_driver_sql(text))
    assert run(["replay", "mine", "4"]) == 1
    shown = capsys.readouterr()
    assert "+0.25 from the recorded" in shown.out
    assert "keras 2.0 then" in shown.out
    assert "trial 4 has another value now" in shown.err
    assert run(["replay", "mine", "4", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["same"] is False


@pytest.mark.parametrize("number", ["99"])
def test_replay_of_what_is_not_there(searched, capsys, number):
    assert run(["replay", "mine", number]) == 2
    assert f"has no trial {number}" in capsys.readouterr().err


def test_a_study_that_was_not_compared_says_so(searched):
    store = open_storage(STORE)
    with pytest.raises(UsageError, match="has not been compared: tuner compare mine"):
        judge(load_study("mine", store), store)
    companion(searched)
    with pytest.raises(UsageError, match="no trial of the comparison"):
        judge(load_study("mine", store), store)


def test_no_objective_receives_the_test_part(place, npz, monkeypatch):
    """The rows of the test part are marked; nothing of a search may meet them."""
    dataset = open_dataset(definition_of(npz).data_settings)
    rows = {row.tobytes() for row in dataset.test.x}
    seen = [*dataset.train_validation.train.x, *dataset.train_validation.validation.x]
    assert not rows & {row.tobytes() for row in seen}
    assert not hasattr(dataset.train_validation, "test")


def definition_of(npz):
    from tuner.study.definition import StudyDefinition

    return StudyDefinition.parse({"data": str(npz)}, "test")


def test_a_candidate_that_fails_with_a_seed_does_not_run_for_ever(searched, capsys):
    made, n = companion(searched, 2), len(candidates.choose(searched))
    store, study_id = made.study.store, made.study.id
    store.claim(study_id)
    trial_id = made.study.get_trials()[0]._trial_id
    store.set_trial_state_values(trial_id, TrialState.FAIL)
    assert made.fill() == 2 * n - 1
    command = [sys.executable, "-m", "tuner", "worker", companion_name("mine"), "-q"]
    assert subprocess.run(command, check=False).returncode == 0
    assert results(companion_name("mine")).counts.finished == 2 * n - 1
    store = open_storage(STORE)
    judged = judge(load_study("mine", store), store)
    assert sorted(len(scores) for scores in judged.trials.values()) == [1, *[2] * (n - 1)]
    assert companion(searched, 2).fill() == 2 * n


def test_what_is_picked_for_its_value_has_the_same_interval_in_the_table_and_as_json(
    searched, capsys
):
    capsys.readouterr()
    assert compare("--seeds", "3", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    store = open_storage(STORE)
    judged = judge(load_study("mine", store), store)
    shown = {row[0].rstrip("*"): row[-1] for row in judged.table()[1]}
    for each in document["finalists"]:
        if each["to_best"] is not None:
            low, high = (f"{100 * end:+.2f}" for end in each["to_best"]["interval"])
            assert f"[{low}, {high}]" in shown[each["name"]]


def test_a_comparison_can_be_left_to_workers(searched, capsys):
    capsys.readouterr()
    assert run(["submit", "mine", "--compare"]) == 0
    n = 10 * len(candidates.choose(searched))
    assert f"mine/compare: 0 of {n} trials finished" in capsys.readouterr().out
    assert results(companion_name("mine")).counts.waiting == n


@pytest.mark.slow
def test_workers_run_a_comparison_and_a_killed_one_changes_nothing(searched):
    made = companion(searched, 3)
    made.fill()
    command = [sys.executable, "-m", "tuner", "worker", "-q", "--heartbeat", "1"]
    victim = subprocess.Popen(command)
    until = time.monotonic() + 60
    while not results(companion_name("mine")).counts.complete:
        assert time.monotonic() < until
        time.sleep(0.02)
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    assert subprocess.run(command, check=False).returncode == 0
    found = results(companion_name("mine"))
    assert found.counts.complete == 3 * len(candidates.choose(searched))
    seeds = found.attrs["seeds"]
    wanted = {point(f["params"], seed) for f in found.attrs["finalists"] for seed in seeds}
    study = load_study(companion_name("mine"), open_storage(STORE))
    assert {trial.user_attrs["point"] for trial in study.trials} == wanted
    for number in (0, 5, 8):
        assert run(["replay", companion_name("mine"), str(number)]) == 0


def test_splits_are_studies_of_their_own_and_judged_together(searched, capsys):
    assert compare("--seeds", "2", "--top", "1", "--splits", "2") == 0
    shown = capsys.readouterr().out
    assert "split 1" in shown
    assert "Of the 2 splits, the search has seen test rows of all but the first" in shown
    other = companion_name("mine", 1)
    assert parent(other) == parent(companion_name("mine")) == "mine"
    n = len(results(companion_name("mine")).trials)
    assert len(results(other).trials) == n
    assert run(["replay", other, "1"]) == 0
    assert "same value" in capsys.readouterr().out
    assert compare("--seeds", "2", "--top", "1", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [len(each["means"]) for each in document["splits"]] == [2] * len(document["splits"])
    means = {e["name"]: e["mean"]["value"] for e in document["finalists"]}
    assert {e["name"]: e["means"][0] for e in document["splits"]} == pytest.approx(means)
    assert len(document["openings"]) == 3


def test_claims_are_made_from_the_comparison_alone(searched, capsys):
    assert run(["claims", "mine"]) == 2
    assert "has not been compared: tuner compare mine" in capsys.readouterr().err
    assert compare("--seeds", "2") == 0
    capsys.readouterr()
    before = load_study("mine", open_storage(STORE)).user_attrs["openings"]
    assert run(["claims", "mine", "--with", "gaussian", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["with_dropout"].startswith("gaussian")
    claims = {finding["claim"] for finding in document["findings"]}
    assert len(claims) == 6
    assert len(document["findings"]) == 10
    assert load_study("mine", open_storage(STORE)).user_attrs["openings"] == before
    assert run(["claims", "mine"]) == 0
    assert "class selectivity" in capsys.readouterr().out


def test_a_study_is_deleted_with_its_comparison(searched, capsys):
    companion(searched, 2).fill()
    before = {each.study_name for each in open_storage(STORE).get_all_studies()}
    assert {"mine", companion_name("mine")} <= before
    assert run(["delete", "mine", "--yes"]) == 0
    assert not open_storage(STORE).get_all_studies()


def test_a_comparison_of_an_earlier_study_of_the_name_is_refused(searched):
    companion(searched, 2)
    attrs = {**searched.attrs, "data": "other"}
    with pytest.raises(StoreError, match=r"compares an earlier 'mine'.*tuner delete mine/compare"):
        companion(dataclasses.replace(searched, attrs=attrs), 2)
