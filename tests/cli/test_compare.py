"""tuner compare, claims: what they print and write, and that the test set stays sealed."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from _compared import STORE, load, results

from tuner.cli.compare import _typed
from tuner.cli.main import run
from tuner.comparison import candidates
from tuner.comparison.companion import companion_name, parent
from tuner.storage.connect import open_storage


def compare(*flags):
    return run(["compare", "mine", "-q", *flags])


@pytest.mark.slow
def test_a_comparison_that_is_complete_is_shown_again_and_trains_nothing(compared, capsys):
    capsys.readouterr()
    before = len(results(companion_name("mine")).trials)
    assert compare("--seeds", "3", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert len(results(companion_name("mine")).trials) == before
    assert document["n_test"] == 60
    drawn = {Path(path).name for path in document["files"] if Path(path).stat().st_size}
    assert {"verdict.json", "answer.png", "cost.svg", "answer.csv", "report.html"} <= drawn
    assert {each["name"] for each in document["candidates"]} == names()
    assert all(len(each["scores"]) == 3 for each in document["candidates"])
    assert len({tuple(each["scores"]) for each in document["candidates"]}) == 1
    assert document["sentence"]
    assert len(document["openings"]) == 1


def names():
    return {each.name for each in candidates.choose(results())}


@pytest.mark.slow
def test_more_seeds_extend_a_comparison_and_open_the_test_set_again(compared, capsys):
    before = len(results(companion_name("mine")).trials)
    capsys.readouterr()
    assert compare("--seeds", "4") == 0
    shown = capsys.readouterr().out
    assert "Test set opened 2 times." in shown
    assert "verdict.json" in shown
    assert len(results(companion_name("mine")).trials) == before + len(names())


def test_other_data_than_those_of_the_search_are_not_compared_on(searched, capsys):
    with np.load("three.npz") as file:
        arrays = dict(file)
    np.savez("three.npz", **arrays | {"x": arrays["x"][::-1], "y": arrays["y"][::-1]})
    for command in (["compare", "mine", "-q"], ["submit", "mine", "--compare"]):
        assert run(command) == 2
        assert "three.npz: the data changed since the study was made" in capsys.readouterr().err
    assert companion_name("mine") not in {
        s.study_name for s in open_storage(STORE).get_all_studies()
    }


@pytest.mark.slow
def test_a_dry_run_says_what_it_costs_and_opens_nothing(searched, capsys):
    capsys.readouterr()
    assert compare("--dry-run", "--json") == 0
    cost = json.loads(capsys.readouterr().out)
    n, n_rivals = len(names()), min(3, cost["n_nones"])
    assert cost["at_least"] == 2 * n + 5 * (1 + n_rivals)
    assert cost["at_most"] == 2 * n + 14 * (1 + n_rivals)
    assert compare("--dry-run", "--seeds", "4", "--json") == 0
    assert json.loads(capsys.readouterr().out)["at_most"] == 4 * n
    assert compare("--dry-run", "--budget", "5") == 0
    assert "5 to 5, 0 of them finished" in capsys.readouterr().out
    assert "openings" not in load().user_attrs
    assert companion_name("mine") not in {each.study_name for each in stored()}


@pytest.mark.slow
def test_a_race_goes_on_until_the_answer_is_known_and_after_its_budget(searched, capsys):
    capsys.readouterr()
    assert compare("--budget", "3", "--json") == 0
    assert len(results(companion_name("mine")).trials) == 3
    capsys.readouterr()
    assert compare("--json") == 0
    document = json.loads(capsys.readouterr().out)
    n = {each["name"]: len(each["scores"]) for each in document["candidates"]}
    assert min(n.values()) == 2
    leader = max((each for each in document["candidates"] if each["is_dropout"]), key=n_scores)
    assert n_scores(leader) >= 7
    assert n[leader["twin"]] >= 7
    assert leader["effect"]["n"] == leader["gain"]["n"] == n_scores(leader) - 2
    trained = len(results(companion_name("mine")).trials)
    assert trained == sum(n.values())
    assert compare() == 0
    assert len(results(companion_name("mine")).trials) == trained


def n_scores(candidate):
    return len(candidate["scores"])


def stored():
    return open_storage(STORE).get_all_studies()


def test_the_record_of_an_opening_has_no_password(monkeypatch):
    url = "postgresql://me:secret@db/store"
    for words in (["--storage", url], [f"--storage={url}"]):
        monkeypatch.setattr(sys, "argv", ["tuner", "compare", "mine", *words])
        assert "compare mine" in _typed(url)
        assert "secret" not in _typed(url)
        assert "secret" in _typed("sqlite:///other.db")


@pytest.mark.slow
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
    means = {e["name"]: e["mean"]["value"] for e in document["candidates"]}
    assert {e["name"]: e["means"][0] for e in document["splits"]} == pytest.approx(means)
    assert len(document["openings"]) == 3


@pytest.mark.slow
def test_claims_are_refused_before_a_comparison(searched, capsys):
    assert run(["claims", "mine"]) == 2
    assert "has not been compared: tuner compare mine" in capsys.readouterr().err


@pytest.mark.slow
def test_claims_are_made_from_the_comparison_alone(compared, capsys):
    before = load().user_attrs["openings"]
    capsys.readouterr()
    assert run(["claims", "mine", "--with", "gaussian", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["with_dropout"].startswith("gaussian")
    claims = {finding["claim"] for finding in document["findings"]}
    assert len(claims) == 6
    assert len(document["findings"]) == 10
    assert load().user_attrs["openings"] == before
    assert run(["claims", "mine"]) == 0
    assert "class selectivity" in capsys.readouterr().out


@pytest.mark.slow
def test_a_search_goes_on_to_its_verdict(npz, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["--variant", "none", "--variant", "gaussian", "--epochs", "2", "--width", "8"]
    words = ["search", "--data", str(npz), "-n", "6", *words, "--verdict", "-q", "--json"]
    assert run(words) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["answer"]["answer"] == document["verdict"]["sentence"]
    assert document["files"][-1].startswith("studies/")
    assert (tmp_path / "studies" / "three" / "compare" / "verdict.json").exists()
