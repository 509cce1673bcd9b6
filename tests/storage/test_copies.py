"""A store as a file, and a store made of one: the same rows, whatever the databases."""

import gzip
from pathlib import Path

import optuna
import pytest
import sqlalchemy
from _claims import claim, states, waiting

from tuner.errors import StoreError
from tuner.storage import tables
from tuner.storage.connect import open_storage
from tuner.storage.copies import Copied, back_up, restore, upgrade
from tuner.storage.enqueue import enqueue
from tuner.storage.health import examine

OLDER = Path(__file__).with_name("optuna_3_1.db.gz")
"""Made by Optuna 3.1.1: a study of three trials."""


@pytest.fixture
def study(store_url):
    """One of everything: ended, failed, running, waiting; a NaN, an infinity, attributes."""
    study = optuna.create_study(storage=open_storage(store_url), study_name="s {é}")
    study.set_user_attr("why", ["a", {"b": None}])
    enqueue(study._storage.database, study._study_id, lambda counts, points: waiting(5))
    for value in (0.5, float("inf")):
        trial = claim(study)
        trial.suggest_float("rate", 0, 1)
        trial.suggest_categorical("variant", ["none", "alpha"])
        trial.report(float("nan"), 1)
        study.tell(trial, value)
    claim(study)
    return study


def rows(url):
    """All rows of all tables, without what a store has of itself."""
    engine = open_storage(url).database.engine
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(sqlalchemy.select(table))), key=repr)
            for table in tables.ALL.sorted_tables
            if table.name != "version_info"
        }


@pytest.fixture(params=["sqlite", "postgres"])
def other_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/other.db"
    return request.getfixturevalue("postgres").url()


def test_a_copy_and_what_is_made_of_it_have_the_same_rows(study, store_url, other_url, tmp_path):
    before = repr(rows(store_url))
    assert back_up(store_url, tmp_path / "copy.db") == Copied(1, 5)
    assert [path.name for path in tmp_path.glob("copy.db*")] == ["copy.db"]
    assert repr(rows(f"sqlite:///{tmp_path}/copy.db")) == before
    assert restore(tmp_path / "copy.db", other_url) == Copied(1, 5)
    assert repr(rows(other_url)) == before
    with open_storage(other_url).database.engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # it plans for what is there
            asked = "SELECT reltuples FROM pg_class WHERE relname = 'trials'"
            assert connection.execute(sqlalchemy.text(asked)).scalar_one() == 5


@pytest.mark.slow
def test_a_restored_study_goes_on(study, store_url, other_url, tmp_path):
    back_up(store_url, tmp_path / "copy.db")
    restore(tmp_path / "copy.db", other_url)
    again = optuna.load_study(study_name="s {é}", storage=open_storage(other_url))
    trial = claim(again)
    trial.suggest_float("rate", 0, 1)
    again.tell(trial, 0.25)
    another = optuna.create_study(storage=open_storage(other_url), study_name="t")
    another.add_trial(optuna.trial.create_trial(value=1.0))
    assert states(again) == ["COMPLETE", "COMPLETE", "RUNNING", "COMPLETE", "WAITING"]
    assert all(each.ok for each in examine(other_url) if each.what == "rows")


@pytest.mark.slow
def test_a_copy_is_of_one_moment(study, store_url, tmp_path, monkeypatch):
    """A worker that ends its trial in the middle is not half there."""
    names, url = iter(tables.ALL.sorted_tables), store_url
    worker = optuna.load_study(study_name="s {é}", storage=open_storage(url))

    def meanwhile(*_):
        if next(names, None) is tables.TRIALS:
            worker.tell(claim(worker), 9.0)

    monkeypatch.setattr("tuner.storage.copies._count_on", meanwhile)
    back_up(url, tmp_path / "copy.db")
    kept = rows(f"sqlite:///{tmp_path}/copy.db")
    assert 9.0 not in [row[3] for row in kept["trial_values"]]
    assert len(kept["trial_values"]) == 2
    assert states(worker).count("COMPLETE") == 3


def test_nothing_is_written_over(study, store_url, tmp_path):
    back_up(store_url, tmp_path / "copy.db")
    with pytest.raises(StoreError, match="is there already"):
        back_up(store_url, tmp_path / "copy.db")
    with pytest.raises(StoreError, match="restore into an empty store"):
        restore(tmp_path / "copy.db", store_url)


def test_a_copy_that_fails_leaves_nothing(study, store_url, tmp_path, monkeypatch):
    monkeypatch.setattr("tuner.storage.copies._count_on", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        back_up(store_url, tmp_path / "copy.db")
    assert not list(tmp_path.glob("copy.db*"))


def test_tables_of_an_older_optuna_are_brought_to_this_one_and_kept(tmp_path):
    url = f"sqlite:///{tmp_path}/old.db"
    (tmp_path / "old.db").write_bytes(gzip.decompress(OLDER.read_bytes()))
    with pytest.raises(StoreError, match="of an older Optuna: 'tuner store upgrade'"):
        open_storage(url)
    before, now = upgrade(url, tmp_path / "kept.db")
    assert before == "v3.0.0.d"
    assert [each.number for each in open_storage(url).get_all_trials(1)] == [0, 1, 2]
    assert upgrade(url, tmp_path / "again.db") == (now, now)
    assert not (tmp_path / "again.db").exists()
    assert upgrade(f"sqlite:///{tmp_path}/kept.db", None) == (before, now)


def test_tables_of_a_newer_optuna_say_what_to_install(store_url, tmp_path):
    newer = sqlalchemy.text("UPDATE alembic_version SET version_num = 'v9.0.0'")
    open_storage(store_url).database.run(lambda connection: connection.execute(newer))
    for act in (open_storage, lambda url: upgrade(url, tmp_path / "kept.db")):
        with pytest.raises(StoreError, match=r"of a newer Optuna: pip install --upgrade optuna"):
            act(store_url)
