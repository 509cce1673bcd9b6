"""What a worker writes and reads: together, and nothing less than Optuna itself would."""

import time

import optuna
import pytest
import sqlalchemy
from optuna.trial import Trial, TrialState

from tuner.storage import claimed, transactions, worker_storage
from tuner.storage.connect import open_storage
from tuner.storage.keys import LEASE
from tuner.storage.lease import LostTrialError, this_worker

VALUES = {1: 0.5, 2: float("nan"), 3: float("inf"), 4: -1e-300}

ATTRS = {"history": {"loss": [1.0, 2.0]}, "seed": 3, "text": "ü'\"=cmd"}


@pytest.fixture
def url(tmp_path, new_store):
    return new_store(tmp_path / "store.db")


@pytest.fixture
def worker(url):
    """A study as a worker sees it, with three waiting trials."""
    store = open_storage(url, current=worker_storage.CURRENT)
    study = optuna.create_study(storage=store, study_name="s")
    for _ in range(3):
        study.add_trial(optuna.trial.create_trial(state=TrialState.WAITING))
    return study


def other(url):
    """The same study as another process sees it."""
    return optuna.load_study(study_name="s", storage=open_storage(url))


def claim(study, number=0):
    wanted = study.get_trials(deepcopy=False)[number]._trial_id
    trial_id = study._storage.claim(study._study_id, preferred=[wanted])
    assert trial_id == wanted
    return Trial(study, trial_id)


def fill(trial):
    trial.suggest_float("rate", 0.0, 0.8)
    trial.suggest_categorical("variant", ["none", "standard"])
    trial.suggest_int("width", 1, 512, log=True)
    for step, value in VALUES.items():
        trial.report(value, step)
    for name, value in ATTRS.items():
        trial.set_user_attr(name, value)


def test_what_a_worker_writes_is_what_optuna_writes(worker, url):
    worker.sampler, plain = optuna.samplers.RandomSampler(seed=1), other(url)
    plain.sampler = optuna.samplers.RandomSampler(seed=1)
    for study, trial in ((worker, claim(worker)), (plain, plain.ask())):
        fill(trial)
        trial.storage.set_trial_system_attr(trial._trial_id, "rung", 0.25)
        study.tell(trial, 0.75)
    ours, theirs = other(url).get_trials()[:2]
    assert ours.user_attrs.pop("worker") == this_worker()
    assert ours.system_attrs.pop(LEASE)["worker"] == this_worker()
    for name in ("params", "distributions", "user_attrs", "system_attrs", "value", "state"):
        assert getattr(ours, name) == getattr(theirs, name)
    assert repr(ours.intermediate_values) == repr(theirs.intermediate_values)
    assert ours.datetime_complete >= ours.datetime_start


def test_a_trial_is_written_in_one_transaction(worker, url, monkeypatch):
    monkeypatch.setattr(claimed, "_WRITE_AFTER", 60)
    monkeypatch.setattr(worker._storage, "_current", 60)
    trial, begun = claim(worker), []
    sqlalchemy.event.listen(trial.storage._backend.engine, "begin", begun.append)
    fill(trial)
    assert not trial.should_prune()
    assert begun == []
    trial.storage.write()
    assert len(begun) == 1
    stored = other(url).get_trials()[0]
    assert stored.params == trial.params
    assert len(stored.intermediate_values) == 4
    trial.storage.write()
    assert len(begun) == 1


def test_a_report_waits_no_longer_than_it_may(worker, url, monkeypatch):
    monkeypatch.setattr(claimed, "_WRITE_AFTER", 0)
    trial = claim(worker)
    trial.report(0.5, 1)
    assert other(url).get_trials()[0].intermediate_values == {1: 0.5}


def test_a_pruner_sees_what_has_not_been_written_yet(worker, url, monkeypatch):
    monkeypatch.setattr(claimed, "_WRITE_AFTER", 60)
    worker.pruner = optuna.pruners.ThresholdPruner(upper=1.0)
    trial = claim(worker)
    trial.report(0.5, 1)
    assert not trial.should_prune()
    trial.report(1.5, 2)
    assert trial.should_prune()
    assert other(url).get_trials()[0].intermediate_values == {}


def test_what_could_not_be_written_is_written_the_next_time(worker, url, monkeypatch):
    trial = claim(worker)
    trial.set_user_attr("seed", 3)
    with monkeypatch.context() as broken:
        broken.setattr(transactions, "write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            trial.storage.write()
    trial.storage.write()
    assert other(url).get_trials()[0].user_attrs["seed"] == 3


def test_a_trial_that_is_handed_back_keeps_what_it_reported_until_it_runs_again(worker, url):
    trial = claim(worker)
    fill(trial)
    trial.storage.set_trial_system_attr(trial._trial_id, "completed_rung_0", 0.25)
    worker._storage.release()
    assert len(other(url).get_trials()[0].intermediate_values) == 4
    again = claim(other(url))
    assert again.params == trial.params
    stored = other(url).get_trials()[0]
    assert stored.intermediate_values == {}
    assert set(stored.system_attrs) == {LEASE}


def test_another_worker_sees_how_a_waiting_trial_it_knew_was_left(worker, url):
    second = optuna.load_study(study_name="s", storage=open_storage(url))
    second.get_trials()
    trial = claim(worker)
    trial.suggest_float("rate", 0.0, 0.8)
    worker._storage.set_trial_state_values(trial._trial_id, state=TrialState.WAITING)
    assert claim(second).params == trial.params


def test_a_trial_is_claimed_once(worker, url):
    second = optuna.load_study(study_name="s", storage=open_storage(url))
    waiting = second.get_trials(deepcopy=False)[0]._trial_id
    claim(worker)
    assert not second._storage.set_trial_state_values(waiting, state=TrialState.RUNNING)
    assert second._storage.claim(second._study_id, preferred=[waiting]) == waiting + 1


def test_an_ended_trial_is_not_written_to(worker, url):
    trial = claim(worker)
    trial.report(0.5, 1)
    other(url).tell(0, 1.0)
    with pytest.raises(LostTrialError):
        trial.storage.write()
    with pytest.raises(LostTrialError):
        worker.tell(trial, 0.5)
    assert other(url).get_trials()[0].value == 1.0


def test_news_of_others_arrive_and_waiting_trials_are_read_once(worker, url, monkeypatch):
    worker._storage._current = 0.0
    worker.get_trials()
    read, backend = [], worker._storage._backend
    get = backend._get_trials

    def noted(*asked, **how):
        read.extend(found := get(*asked, **how))
        return found

    monkeypatch.setattr(backend, "_get_trials", noted)
    assert len(worker.get_trials()) == 3
    assert read == []
    second = other(url)
    running = claim(second, 1)
    assert [t.state.name for t in worker.get_trials()] == ["WAITING", "RUNNING", "WAITING"]
    running.report(0.5, 1)
    running.storage.write()
    assert worker.get_trials()[1].intermediate_values == {1: 0.5}
    second.tell(running, 0.25)
    second.add_trial(optuna.trial.create_trial(value=0.5))
    assert [t.value for t in worker.get_trials()] == [None, 0.25, None, 0.5]
    assert [t.number for t in read] == [1, 1, 1, 3]
    assert len(worker.get_trials()) == 4
    assert len(read) == 4


def test_studies_are_read_apart(worker, url):
    second = optuna.create_study(storage=worker._storage, study_name="t")
    second.add_trial(optuna.trial.create_trial(value=0.5))
    worker.add_trial(optuna.trial.create_trial(value=0.25))
    assert [t.value for t in second.get_trials()] == [0.5]
    assert [t.value for t in worker.get_trials()] == [None, None, None, 0.25]


def test_its_own_trials_are_known_at_once_and_others_after_a_moment(worker, url):
    worker.get_trials()
    worker.tell(claim(worker), 0.5)
    other(url).tell(claim(other(url), 1), 0.25)
    assert worker.get_trials()[0].value == 0.5
    time.sleep(2 * worker_storage.CURRENT)
    assert [t.value for t in worker.get_trials()] == [0.5, 0.25, None]


def test_how_its_first_trial_ended_is_known_at_once(worker, url):
    fresh = optuna.load_study(study_name="s", storage=open_storage(url, current=60))
    trial = claim_first(fresh)
    assert [t.state.name for t in fresh.get_trials()] == ["RUNNING", "WAITING", "WAITING"]
    trial.suggest_float("rate", 0.0, 0.8)
    fresh.tell(trial, 0.5)
    known = fresh.get_trials()[0]
    assert (known.state, known.value, known.params) == (TrialState.COMPLETE, 0.5, trial.params)


def claim_first(study):
    """Before anything was read."""
    return Trial(study, study._storage.claim(study._study_id))


def test_trials_that_this_process_queued_or_handed_back_are_known_at_once(worker):
    trial = claim(worker)
    worker.get_trials()
    worker.add_trial(optuna.trial.create_trial(state=TrialState.WAITING))
    assert len(worker.get_trials()) == 4
    worker._storage.set_trial_state_values(trial._trial_id, state=TrialState.WAITING)
    assert worker.get_trials()[0].state == TrialState.WAITING
