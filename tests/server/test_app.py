"""A store that is served does what a database does, to those who have its token, and once."""

import os
import re

import optuna
import pytest
from _places import ROOT
from _search_spaces import SPACE
from _served import TOKEN, Forgetful, Thread, token_file
from optuna.trial import TrialState

from tuner.errors import StoreError
from tuner.schema import Hyperparameter, Range
from tuner.server import app
from tuner.storage import wire
from tuner.storage.connect import open_storage
from tuner.storage.lease import LostTrialError
from tuner.storage.token import TOKEN_FILE
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.filling import fill_queue
from tuner.study.overview import overview
from tuner.study.proposal import propose
from tuner.study.pruners import pruner_for
from tuner.study.reading import ended, read
from tuner.study.search_space import Branch, SearchSpace
from tuner.study.studies import load_study, open_study
from tuner.study.trial_queue import blame, claim, count, requeue_dead

SPACE = SearchSpace(
    axes={"width": (64, 256), "learning_rate": Range(low=1e-4, high=1e-2, log=True)},
    variants=("none", "standard", "scheduled"),
    branches={
        "none": Branch(None, {}),
        "standard": Branch(SPACE.rate, {}),
        "scheduled": Branch(SPACE.rate, {"shape": Hyperparameter(("late", "early"))}),
    },
)
N_TRIALS = 16


def definition(sampler="tpe", pruner="successive_halving"):
    search = {"sampler": sampler, "trials": N_TRIALS, "pruner": pruner}
    table = {"name": "s", "metric": "accuracy", "training": {"epochs": 8}, "search": search}
    return StudyDefinition.parse(table, "test")


@pytest.fixture
def file_url(tmp_path, new_store):
    return new_store(tmp_path / "store.db")


@pytest.fixture
def served(file_url, tmp_path, monkeypatch):
    monkeypatch.setenv(TOKEN_FILE, str(token_file(tmp_path)))
    served = Thread(file_url)
    yield served
    served.stop()


def submitted(url, asked, n=N_TRIALS):
    study = open_study(asked, "data", open_storage(url, wait=20, patience=20))
    fill_queue(study, SPACE, asked, n)
    study.pruner = pruner_for(study, asked)
    return study


def run(study, asked):
    while (trial := claim(study, asked)) is not None:
        params = propose(trial, SPACE, asked)
        attrs.PARAMS.set(trial, params)
        study.store.write()
        value, state = params["learning_rate"] * params["width"], TrialState.COMPLETE
        for epoch in range(1, 9):
            trial.report(value * epoch, epoch)
            if trial.should_prune():
                state = TrialState.PRUNED
                break
        study.tell(trial, value if state == TrialState.COMPLETE else None, state)


def rows(study):
    return [(row.number, row.state, row.value, dict(row.params)) for row in read(study).trials]


@pytest.mark.parametrize(
    ("sampler", "pruner"), [("tpe", "successive_halving"), ("random", "median")]
)
def test_a_study_that_is_served_has_the_trials_of_one_that_is_not(
    served, tmp_path, new_store, sampler, pruner
):
    asked = definition(sampler, pruner)
    there, here = submitted(served.url, asked), submitted(new_store(tmp_path / "b.db"), asked)
    run(there, asked)
    run(here, asked)
    assert rows(there) == rows(here)
    assert {row[1] for row in rows(there)} == {"COMPLETE", "PRUNED"}
    assert ended(there, asked, 0).best.number == ended(here, asked, 0).best.number
    assert overview(there).is_over
    assert rows(load_study("s", served.store)) == rows(here)


def test_what_was_done_and_not_answered_is_done_once_though_the_server_was_restarted(served):
    app, asked = Forgetful(served), definition()
    study = submitted(served.url, asked, 6)
    number = claim(study, asked).number
    assert blame(study, number, os.getpid(), "died")
    study.store.abandon()
    claim(study, asked)
    study.store.release()
    claim(study, asked)
    assert study.store.retry("no luck")
    run(study, asked)
    assert {"create_new_study", "add", "claim", "propose", "finish"} <= set(app.lost)
    assert {"release", "retry", "settle", "judge", "write"} <= set(app.lost)
    found = read(study)
    assert [row.number for row in found.trials] == list(range(6))
    assert all(row.is_finished for row in found.trials)
    assert found.trials[0].attempts == 2


def test_who_lost_the_trial_writes_nothing_any_more(served):
    asked = definition()
    study, other = submitted(served.url, asked, 3), load_study("s", open_storage(served.url))
    trial = claim(study, asked)
    assert blame(other, trial.number, os.getpid(), "slow")
    propose(trial, SPACE, asked)
    with pytest.raises(LostTrialError):
        study.store.write()
    study.store.abandon()
    assert requeue_dead(other) == 0
    assert count(other).waiting == 3


@pytest.mark.parametrize("token", ["another-token-of-some-length", "", TOKEN[:-1]])
def test_another_token_is_refused(served, tmp_path, monkeypatch, token):
    other = tmp_path / "other"
    other.write_text(token)
    other.chmod(0o600)
    monkeypatch.setenv(TOKEN_FILE, str(other))
    with pytest.raises(StoreError, match="token"):
        open_storage(served.url)


def test_a_token_that_others_can_read_is_refused(served, tmp_path, monkeypatch):
    token_file(tmp_path, 0o640)
    with pytest.raises(StoreError, match="chmod 600"):
        open_storage(served.url)
    monkeypatch.delenv(TOKEN_FILE)
    with pytest.raises(StoreError, match=TOKEN_FILE):
        open_storage(served.url)


def test_where_nobody_serves_it_is_said_in_a_line(served):
    served.stop()
    with pytest.raises(StoreError, match="no store answers") as caught:
        open_storage(served.url)
    assert "\n" not in str(caught.value)


def test_what_needs_the_database_says_so(served):
    with pytest.raises(StoreError, match="where the store is served"):
        open_storage(served.url).database.engine.dispose()


def test_optuna_reads_a_study_that_is_served(served):
    study = submitted(served.url, definition())
    loaded = optuna.load_study(study_name="s", storage=study.store)
    assert len(loaded.trials) == N_TRIALS


def changing(monkeypatch, error):
    """Have the next answer fail while it is written, as where another thread adds to it."""
    dumps, tries = wire.dumps, []

    def failing(value):
        tries.append(value)
        if len(tries) == 1:
            raise error
        return dumps(value)

    monkeypatch.setattr(app.wire, "dumps", failing)
    return tries


def test_what_changes_while_it_is_written_is_written_again(monkeypatch):
    tries = changing(monkeypatch, RuntimeError("dictionary changed size during iteration"))
    assert app._json({"found": 1}).get_data() == b'{"found": 1}'
    assert len(tries) == 2


def test_a_server_that_fails_is_asked_again(served, monkeypatch, caplog):
    store = open_storage(served.url, wait=20, patience=20)
    answer = served.app._done
    failed = []

    def failing(name, *given, **how):
        if not failed:
            failed.append(name)
            raise MemoryError
        return answer(name, *given, **how)

    monkeypatch.setattr(served.app, "_done", failing)
    assert store.get_all_studies() == []
    assert failed == ["get_all_studies"]
    assert store.database.n_retries == 1


@pytest.mark.parametrize("place", ["", "host:abc", "host:99999", "host:0", ":8470", "[::1"])
def test_what_is_no_address_is_said_at_once(tmp_path, monkeypatch, place):
    monkeypatch.setenv(TOKEN_FILE, str(token_file(tmp_path)))
    with pytest.raises(StoreError, match=r"no address of a store: expected tuner\+http://HOST"):
        open_storage(f"tuner+http://{place}", wait=60, patience=60)


def test_a_store_that_is_served_has_what_is_asked_of_a_store_while_it_works(served):
    """What only a database has raises an error in the middle of the work of who asks."""
    working = ("workers", "study", "comparison")
    files = [path for room in working for path in (ROOT / "tuner" / room).rglob("*.py")]
    texts = [path.read_text("utf-8") for path in files]
    asked = {name for text in texts for name in re.findall(r"\bdatabase\.(\w+)", text)}
    assert {"do", "ask", "n_retries"} <= asked
    remote = open_storage(served.url).database
    only_there = {name for name in asked if not _has(remote, name)}
    assert only_there == set()


def _has(remote, name):
    try:
        getattr(remote, name)
    except StoreError:
        return False
    return True
