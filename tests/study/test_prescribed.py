"""Prescribed trials that fail: where they are tried again, how often, and what is said."""

import pytest
from _spaces import DEFINITION, SPACE
from optuna.trial import TrialState

from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.search_space import Branch, SearchSpace
from tuner.study.studies import open_study
from tuner.study.trial_queue import claim, count

STATES = (TrialState.COMPLETE, TrialState.FAIL)
GRID = StudyDefinition.parse({"metric": "accuracy", "search": {"sampler": "grid"}}, "test")
LISTS = SearchSpace(
    axes={"width": (64, 256)},
    variants=("none", "standard"),
    branches={"none": Branch(None, {}), "standard": Branch((0.1,), {})},
    rate=(0.1,),
)


@pytest.fixture
def study(tmp_path, new_store):
    return open_study(DEFINITION, "abc", open_storage(new_store(tmp_path / "store.db")))


def run_out(study, fails, budget, *, since=0):
    """Run trials, of which some fail, until the budget is spent: all params, and what was said."""
    ran, said = [], []
    while True:
        fill_queue(study, SPACE, DEFINITION, budget, said.append, since=since)
        if not count(study).waiting:
            return ran, said
        trial = claim(study, DEFINITION)
        ran.append(SPACE.suggest(trial))
        is_bad = fails(ran)
        study.tell(trial, None if is_bad else 0.5, state=STATES[is_bad])


def test_a_baseline_that_failed_is_queued_again_and_that_is_said(study):
    _, said = run_out(study, lambda ran: len(ran) <= 2, 6)
    complete = [t for t in study.get_trials() if t.state == TrialState.COMPLETE]
    again = [t.user_attrs["fixed"] for t in complete if t.number > 5]
    assert [(each["variant"], each["width"]) for each in again] == [
        ("none", 256),
        ("standard", 256),
    ]
    assert len(complete) == 6
    assert said == [f"trial {number} failed: it is tried again" for number in (0, 1)]


def test_where_the_middle_always_fails_the_first_trials_are_run_at_another_width(study):
    _, said = run_out(study, lambda ran: ran[-1]["width"] == 256, 9)
    given = [t for t in study.get_trials() if "fixed" in t.user_attrs]
    fixed = [(t.state == TrialState.COMPLETE, t.user_attrs["fixed"]) for t in given]
    complete = {(each["variant"], each["width"]) for is_complete, each in fixed if is_complete}
    moved = {(name, 64) for name in ("none", "standard", "gaussian", "scheduled")}
    assert complete == {("none", 512), *moved}
    assert "trial 4 failed: it is tried at width 64 instead" in said
    assert sum(each["width"] == 256 for _, each in fixed) <= 6


def test_what_fails_everywhere_is_given_up_and_tried_anew_where_more_is_asked_for(study):
    def fails(ran):
        return ran[-1]["variant"] == "none"

    def baselines():
        return [t.number for t in study.get_trials() if t.user_attrs.get("role") == "baseline"]

    run_out(study, fails, 5)
    assert count(study).finished == 5
    before = len(baselines())
    run_out(study, fails, 6)
    assert len(baselines()) == before
    run_out(study, lambda ran: False, 7, since=len(study.get_trials()))
    assert len(baselines()) == before + 1


def test_a_point_that_fails_again_and_again_is_left_out_and_that_is_said(study):
    said = []
    fill_queue(study, LISTS, GRID, 50)
    while count(study).waiting:
        trial = claim(study, GRID)
        params = LISTS.suggest(trial)
        is_bad = params["variant"] == "none" and params["width"] == 64
        study.tell(trial, None if is_bad else 0.5, state=STATES[is_bad])
        budget = fill_queue(study, LISTS, GRID, 50, said.append)
    assert budget == count(study).finished == 5
    assert count(study).failed == 2
    assert "a point of the grid has failed 2 times: left out" in said
