"""Who works for a study, and who is slow or stuck."""

from dataclasses import replace

import optuna
import pytest

from tuner.storage.connect import open_storage
from tuner.storage.lease import Lease, this_worker
from tuner.storage.running import Running
from tuner.study.crew import Member, crew
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.search_space import SHARED_RATE, Branch, SearchSpace
from tuner.study.studies import open_study
from tuner.study.trial_queue import claim

DEFINITION = StudyDefinition.parse({"metric": "accuracy", "search": {"trials": 4}}, "test")
BRANCHES = {"none": Branch(None, {}), "standard": Branch(SHARED_RATE, {})}
SPACE = SearchSpace({}, ("none", "standard"), BRANCHES)
LEASE = Lease("elsewhere:7", "t", 15.0, "x")


def member(idle=1.0, age=1.0, seconds=2.0, slower=1.0):
    return Member("elsewhere:7", 3, seconds, slower, Running(1, 0, LEASE, age, 4, idle), 4)


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (member(), ""),
        (member(idle=25.0), ""),
        (member(idle=40.0), "stuck? no epoch for 40 s"),
        (member(idle=40.0, seconds=5.0), ""),
        (member(idle=40.0, seconds=None), "stuck? no epoch for 40 s"),
        (member(slower=2.6), "slow: 2.6 times the usual seconds an epoch"),
        (member(age=100.0), "gone: its trial goes to another"),
        (replace(member(), runs=None), "runs no trial of it"),
    ],
)
def test_what_somebody_should_look_after_is_said(found, note):
    assert found.note == note


def ended(worker, seconds, epochs=3):
    return optuna.trial.create_trial(
        value=0.5,
        user_attrs={"worker": worker, "seconds": seconds, "params": {"variant": "none"}},
        intermediate_values=dict.fromkeys(range(1, epochs + 1), 0.5),
    )


def test_workers_have_what_ended_there_and_what_they_run(tmp_path, new_store):
    study = open_study(DEFINITION, "abc", open_storage(new_store(tmp_path / "store.db")))
    fill_queue(study, SPACE, DEFINITION, 2)
    trial = claim(study, DEFINITION)
    for worker, seconds in [("a:1", 3.0), ("a:1", 9.0), ("b:2", 15.0)]:
        study.add_trial(ended(worker, seconds))
    found = {each.worker: each for each in crew(study)}
    assert {name: (each.n_ended, each.seconds) for name, each in found.items()} == {
        "a:1": (2, 2.0),
        "b:2": (1, 5.0),
        this_worker(): (0, None),
    }
    assert found["b:2"].slower == pytest.approx(5.0 / 3.5)
    assert (found[this_worker()].runs.number, found[this_worker()].epochs) == (trial.number, 0)
    assert found["a:1"].note == "runs no trial of it"
    assert found[this_worker()].document()["runs"]["trial"] == trial.number


def test_nobody_has_worked_for_a_new_study(tmp_path, new_store):
    study = open_study(DEFINITION, "abc", open_storage(new_store(tmp_path / "store.db")))
    assert crew(study) == []
