"""What a running trial writes: many rows in one transaction, and nothing less."""

import optuna
import pytest
import sqlalchemy

from tuner.clock import Clock
from tuner.recording import Record
from tuner.storage import open_storage, write_rows


@pytest.fixture
def study(tmp_path):
    storage = open_storage(f"sqlite:///{tmp_path}/store.db", create=True)
    return optuna.create_study(storage=storage)


def stored(trial):
    return trial.storage.get_trial(trial._trial_id)


def test_reports_and_attributes_are_those_that_optuna_writes(study):
    ours, theirs = study.ask(), study.ask()
    values = {1: 0.5, 2: float("nan"), 3: float("inf"), 4: -1e-300}
    record = Record(ours)
    for epoch, value in values.items():
        record.report(epoch, value)
        theirs.report(value, epoch)
    attrs = {"history": {"loss": [1.0, 2.0]}, "seed": 3, "text": "ü'\"=cmd"}
    record.note(attrs)
    record.write()
    for name, value in attrs.items():
        theirs.set_user_attr(name, value)
    found, wanted = stored(ours), stored(theirs)
    assert repr(found.intermediate_values) == repr(wanted.intermediate_values)
    assert found.user_attrs == wanted.user_attrs == attrs


def test_a_write_is_one_transaction(study):
    trial, begun = study.ask(), []
    engine = trial.storage._backend.engine
    sqlalchemy.event.listen(engine, "begin", begun.append)
    record = Record(trial)
    for epoch in range(1, 31):
        record.report(epoch, float(epoch))
    record.note({"a": 1, "b": 2})
    assert begun == []
    record.write()
    assert len(begun) == 1
    assert len(stored(trial).intermediate_values) == 30


def test_a_pruner_sees_what_has_not_been_written_yet(study):
    study.pruner = optuna.pruners.ThresholdPruner(upper=1.0)
    trial = study.ask()
    record = Record(trial)
    record.report(1, 0.5)
    assert not trial.should_prune()
    record.report(2, 1.5)
    assert trial.should_prune()
    assert stored(trial).intermediate_values == {}


def test_what_an_earlier_attempt_reported_stays(study):
    trial = study.ask()
    first = Record(trial)
    first.report(1, 0.5)
    first.write()
    again = Record(optuna.trial.Trial(study, trial._trial_id))
    again.report(1, 0.7)
    again.report(2, 0.6)
    again.write()
    assert stored(trial).intermediate_values == {1: 0.5, 2: 0.6}


def test_an_ended_trial_is_not_written_to(study):
    trial = study.ask()
    study.tell(trial, 1.0)
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        write_rows(trial.storage, trial._trial_id, {1: 0.0}, {})


def test_time_inside_a_nested_block_counts_for_that_block_only(monkeypatch):
    now = iter([0.0, 1.0, 3.0, 6.0, 10.0])
    monkeypatch.setattr("tuner.clock.time.perf_counter", lambda: next(now))
    clock = Clock()
    with clock.spend("train"), clock.spend("store"):
        pass
    assert clock.seconds == {"other": 1.0, "train": 2.0 + 4.0, "store": 3.0}
