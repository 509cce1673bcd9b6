"""A study as an object: data frames, sentences, pictures, what the commands say of it too."""

import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure

import tuner
from tuner.api import exploring
from tuner.api.wording import in_python
from tuner.cli.main import run
from tuner.errors import UsageError


def test_trials_are_tidy_and_whole_where_asked(searched):
    study = tuner.open("mine")
    assert list(study.trials)[:4] == ["trial", "state", "variant", "rate"]
    assert "accuracy" in study.trials
    assert len(study.trials) == 8
    assert len(study.trials.columns) <= 12
    full = study.to_frame(full=True)
    assert {"params_width", "user_attrs_worker"} <= set(full) - set(study.trials)


def test_epochs_are_a_row_an_epoch_of_a_trial(searched):
    study = tuner.open("mine")
    assert len(study.epochs) == study.trials.epochs.sum() == 24


def test_a_study_is_shown_by_the_lines_that_the_command_prints(searched, capsys):
    study = tuner.open("mine")
    assert run(["status", "mine"]) == 0
    printed = capsys.readouterr().out
    first, *lines = repr(study).splitlines()
    assert first == "Study 'mine'"
    assert len(lines) == 4
    assert all(line in in_python(printed) for line in lines)
    assert lines[-1].startswith("Next: study.compare() ")


def test_a_notebook_shows_the_answer_the_table_and_a_picture(searched):
    page = tuner.open("mine")._repr_html_()
    assert page.count("<table") == 1
    assert page.count("data:image/png") == 1
    places = [
        page.index(part) for part in ("Safe rates", "<table", "<img", "Next", "study.compare()")
    ]
    assert places == sorted(places)


def test_a_study_without_a_picture_is_shown_without_it(searched, monkeypatch):
    monkeypatch.setattr("tuner.api.study._PICTURE", "learned_rates")
    page = tuner.open("mine")._repr_html_()
    assert "<table" in page
    assert "<img" not in page


def test_a_plot_is_a_figure(searched):
    figure = tuner.open("mine").plot("value_by_rate")
    assert isinstance(figure, Figure)
    assert figure._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(UsageError, match="value_by_rate"):
        tuner.open("mine").plot("value_by_rat")
    with pytest.raises(UsageError, match="learned_rates: "):
        tuner.open("mine").plot("learned_rates")


def test_a_plot_to_explore_has_the_values_and_needs_no_network(searched):
    study = tuner.open("mine")
    figure = study.explore("value_by_rate")
    rates = [x for trace in figure.data if trace.name == "a trial" for x in trace.x]
    assert len(rates) <= len(study.trials)
    page = exploring.page(figure)
    assert json.loads(figure.to_json())["data"][0]["name"] in page
    assert "https://cdn" not in page
    with pytest.raises(UsageError, match="learned_rates: "):
        study.explore("learned_rates")


def test_reports_are_those_of_the_command(searched):
    assert run(["report", "mine", "--out", "theirs.html"]) == 0
    ours = tuner.open("mine").report("ours.html")
    assert ours.read_text("utf-8") == Path("theirs.html").read_text("utf-8")
    assert tuner.open("mine").report() == Path("studies/mine/report.html")


def test_code_is_that_of_the_command(searched, capsys):
    assert run(["best", "mine", "--code", "--trial", "1"]) == 0
    assert tuner.open("mine").code(1) + "\n" == capsys.readouterr().out


def test_the_best_model_opens(searched):
    study = tuner.open("mine")
    record = json.loads(Path("studies/mine/best.json").read_text("utf-8"))
    assert study.best_model().count_params() > 0
    assert record["trial"] == study.results.best.number


def test_a_trial_replays_to_its_value(searched):
    found = tuner.open("mine").replay(1)
    assert found.is_same
    assert repr(found).startswith("trial 1, 3 epochs: same value, accuracy ")
    with pytest.raises(UsageError, match="no trial 99"):
        tuner.open("mine").replay(99)


def test_claims_are_of_a_comparison(searched, compared_folder, monkeypatch):
    with pytest.raises(UsageError, match="has not been compared"):
        tuner.open("mine").claims()
    monkeypatch.chdir(compared_folder)
    found = tuner.open("mine").claims()
    assert len(found.table) == len(found.found.findings)
    assert found.lines[0] in repr(found)
    assert "<table" in found._repr_html_()


def test_a_comparison_that_is_finished_is_the_verdict(compared):
    verdict = tuner.open("mine").compare(seeds=3, jobs=1, quiet=True)
    assert verdict.lines[0] == verdict.found.sentence
    assert next(iter(verdict.table)) == "candidate"


def test_a_comparison_is_shown_by_its_name(compared):
    assert repr(tuner.open("mine/compare")) == "Study 'mine/compare'"
