"""What a check of a store finds."""

import optuna
import pytest
import sqlalchemy
from _claims import claim, silence, waiting

from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.health import examine


@pytest.fixture
def study(store_url, monkeypatch):
    monkeypatch.setattr("tuner.storage.running._start", lambda database: sqlalchemy.null())
    study = optuna.create_study(storage=open_storage(store_url), study_name="s")
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(3))
    study.tell(claim(study), 0.5)
    return study


def found(url, **given):
    return {each.what: (each.ok, each.found) for each in examine(url, **given)}


def change(study, text):
    study._storage.database.run(lambda connection: connection.execute(sqlalchemy.text(text)))


def test_a_store_that_is_as_it_should_be(study, store_url):
    assert list(found(store_url)) == ["store", "locks", "clock", "rows"]
    assert all(ok for ok, _ in found(store_url).values())


def test_rows_that_do_not_fit_are_named(study, store_url):
    change(study, "UPDATE trials SET number = 1 WHERE number = 2")
    assert found(store_url)["rows"] == (False, "study s has trial 1 more than once")
    change(study, "UPDATE trials SET number = 2 WHERE trial_id = 3")
    change(study, "DELETE FROM trial_values")
    assert found(store_url)["rows"] == (False, "1 complete trials have no value")


def test_a_damaged_file_is_named(tmp_path, new_store):
    path = tmp_path / "store.db"
    url = new_store(path)
    study = optuna.create_study(storage=open_storage(url), study_name="s")
    study.add_trial(optuna.trial.create_trial(value=0.5, user_attrs={"long": "x" * 200_000}))
    study._storage.database.engine.dispose()
    data = bytearray(path.read_bytes())
    data[-150_000:-140_000] = bytes(10_000)
    path.write_bytes(data)
    ok, words = found(url)["rows"]
    assert not ok
    assert "the file is damaged" in words


def test_trials_of_the_gone_are_handed_back_on_request(study, store_url):
    claim(study)
    silence(study, 100)
    assert found(store_url)["trials"][0] is False
    assert found(store_url, fix=True)["trials"] == (
        True,
        "study s: the worker of trial 1 is gone; handed back",
    )
    assert "trials" not in found(store_url)


def test_no_store_is_one_line(tmp_path):
    assert list(found(f"sqlite:///{tmp_path}/none.db")) == ["store"]
