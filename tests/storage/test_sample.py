"""Of a long study a worker reads what it learns from; whoever looks at it reads all of it."""

import optuna
import pytest
from optuna.trial import TrialState

from tuner.storage import sample
from tuner.storage.connect import open_storage

N_ENDED = 30
BEST = 4
"""What is best, with another after it that is as good, lies where nothing else would be read."""


@pytest.fixture(params=["maximize", "minimize"])
def study(request, store_url, monkeypatch):
    monkeypatch.setattr(sample, "MOST", 5)
    optuna.create_study(study_name="other", storage=open_storage(store_url)).ask()
    made = optuna.create_study(
        study_name="s", storage=open_storage(store_url), direction=request.param
    )
    sign = 1 if request.param == "maximize" else -1
    for number in range(N_ENDED):
        failed = number == 12
        value = sign * (0.9 if number in (BEST, 17) else 0.5)
        made.tell(made.ask(), *([] if failed else [value]), state=_state(failed=failed))
    return made


def _state(*, failed):
    return TrialState.FAIL if failed else TrialState.COMPLETE


def numbers(store):
    study = optuna.load_study(study_name="s", storage=store)
    return {each.number for each in study.get_trials(deepcopy=False)}


def worker(url):
    store = open_storage(url, current=0.0)
    store.read_few(store.get_study_id_from_name("s"))
    return store


def test_a_worker_reads_some_of_those_that_ended_and_the_best_one(study, store_url):
    assert numbers(worker(store_url)) == {0, 6, 12, 18, 24, BEST}
    assert numbers(open_storage(store_url)) == set(range(N_ENDED))


def test_it_reads_whatever_ends_later_and_what_had_not_ended(study, store_url):
    running = study.ask()
    study.enqueue_trial({})
    store = worker(store_url)
    before = numbers(store)
    assert {30, 31} <= before
    study.tell(running, 0.1)
    study.tell(study.ask(), 0.1)  # the one that waited
    study.tell(study.ask(), 0.1)
    assert numbers(store) == before | {32}
    found = optuna.load_study(study_name="s", storage=store).get_trials(deepcopy=False)
    assert {each.state for each in found if each.number >= 30} == {TrialState.COMPLETE}


def test_a_short_study_is_read_as_it_is(study, store_url, monkeypatch):
    monkeypatch.setattr(sample, "MOST", N_ENDED)
    assert numbers(worker(store_url)) == set(range(N_ENDED))
