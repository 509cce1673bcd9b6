"""One process writes what is shown."""

import threading
import time

import pytest
from simulated.stored import make_study

from tuner.dashboard import writing
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study


@pytest.fixture
def either_store(store_url):
    return make_study(store_url, 150, 4)


def test_one_of_many_processes_renews(either_store):
    study_id = load_study("simulated", either_store)._study_id
    barrier, won = threading.Barrier(8), []

    def take(_):
        database = open_storage(either_store.database.place.render_as_string(False)).database
        barrier.wait(30)
        if writing.claim(database, study_id, "new", time.time(), 60.0):
            won.append(1)
        database.engine.dispose()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert not writing.claim(either_store.database, study_id, "new", time.time() + 59, 60.0)
    assert writing.claim(either_store.database, study_id, "new", time.time() + 61, 60.0)
