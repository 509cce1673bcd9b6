"""Many processes at once on an empty database."""

import multiprocessing
import sqlite3

import pytest
from optuna.trial import TrialState, create_trial

from tuner.errors import StoreError
from tuner.storage.connect import open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.exclusive import exclusive
from tuner.study.definition import StudyDefinition
from tuner.study.studies import open_study

N_PROCESSES, N_ROUNDS = 8, 5


def missing(counts, _points):
    return [create_trial(state=TrialState.WAITING)] * (N_PROCESSES - sum(counts.values()))


def begin(urls, barrier, answers):
    definition = StudyDefinition.parse({"name": "cold", "metric": "accuracy"}, "test")
    for url in urls:
        barrier.wait(100)
        try:
            store = open_storage(url, create=True)
            with exclusive(url):
                study = open_study(definition, "data", store)
            added = enqueue(store.database, study._study_id, missing)
            answers.put((added, store.claim(study._study_id)))
            store.database.engine.dispose()
        except (StoreError, sqlite3.Error) as error:
            answers.put(str(error))


@pytest.mark.slow
@pytest.mark.alone
def test_eight_processes_begin_at_once_again_and_again(request, tmp_path, empty_url):
    if empty_url.startswith("sqlite"):
        urls = [f"sqlite:///{tmp_path}/cold_{n}.db" for n in range(N_ROUNDS)]
    else:
        urls = [request.getfixturevalue("postgres").url() for _ in range(N_ROUNDS)]
    context = multiprocessing.get_context("spawn")
    barrier, answers = context.Barrier(N_PROCESSES), context.Queue()
    processes = [
        context.Process(target=begin, args=(urls, barrier, answers)) for _ in range(N_PROCESSES)
    ]
    for process in processes:
        process.start()
    found = [answers.get(timeout=200) for _ in range(N_PROCESSES * N_ROUNDS)]
    for process in processes:
        process.join(60)
    assert [answer for answer in found if isinstance(answer, str)] == []
    assert sum(added for added, _ in found) == 8 * N_ROUNDS
    assert all(claimed is not None for _, claimed in found)
