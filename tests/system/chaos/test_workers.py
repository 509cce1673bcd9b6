"""Workers are killed, stopped, paused, and their database with them: nothing is lost or doubled."""

import signal
import time

import pytest
from _crew import Crew

from tuner.data.loading import open_dataset
from tuner.storage.connect import open_storage
from tuner.storage.stale import running
from tuner.study.definition import StudyDefinition
from tuner.study.reading import read
from tuner.study.samplers import trial_seed
from tuner.study.studies import load_study
from tuner.study.submission import Submission
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

N_TRIALS, N_WORKERS, N_STRIKES = 30, 4, 8


@pytest.fixture
def definition(npz):
    table = {
        "name": "chaos",
        "data": str(npz),
        "space": {"variant": ["standard", "gaussian"], "width": [8, 16], "depth": 1},
        "training": {"epochs": 150, "batch_size": 50, "learning_rate": 0.01},
        "search": {"trials": N_TRIALS, "pruner": "none", "sampler": "random"},
    }
    return StudyDefinition.parse(table, "test")


@pytest.fixture
def submitted(definition, store_url):
    dataset = open_dataset(definition.data_settings)
    resolved = resolve(definition, dataset.train_validation)
    given = (resolved.definition, resolved.space, dataset.train_validation, dataset.fingerprint)
    assert Submission(store_url, *given).fill() == N_TRIALS
    return resolved, dataset.train_validation


@pytest.fixture
def study(store_url, submitted):
    return load_study("chaos", open_storage(store_url, patience=60))


@pytest.fixture
def crew(study, store_url, tmp_path):
    def busy():
        held = running(study._storage.database, study._study_id)
        return {int(trial.lease.worker.rpartition(":")[2]) for trial in held}

    crew = Crew(N_WORKERS, store_url, tmp_path, 0, busy)
    yield crew
    crew.end()


def recomputed(resolved, train_validation, trials):
    trainer, recipes = trainer_of(resolved, train_validation)
    seeds = [trial_seed(resolved.definition.search.seed, trial.number) for trial in trials]
    return [
        trainer.run(recipes.of(trial.params), seed).value
        for trial, seed in zip(trials, seeds, strict=True)
    ]


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_every_trial_ends_once_with_the_value_of_its_params(
    request, store_url, submitted, study, crew, tmp_path
):
    others = []
    if store_url.startswith("postgresql"):
        server = request.getfixturevalue("postgres")
        others = [("restart", lambda: server.restart(1.0))]
    deadline, next_strike = time.monotonic() + 500, 0.0
    while crew.is_alive():
        assert time.monotonic() < deadline, crew.logs()
        crew.wake()
        begun = read(study).counts.finished
        if begun and time.monotonic() > next_strike and len(crew.done) < N_STRIKES:
            crew.strike(*others)
            next_strike = time.monotonic() + 1.5
        time.sleep(0.1)
    results = read(study)
    ended = [trial for trial in results.trials if trial.state == "COMPLETE"]
    given_up = [trial for trial in results.trials if trial.state == "FAIL"]
    assert len(ended) == N_TRIALS, crew.logs()
    assert all(trial.attempts == 3 for trial in given_up)
    assert len(results.trials) == N_TRIALS + len(given_up)
    assert [trial.number for trial in results.trials] == list(range(len(results.trials)))
    assert all(trial.n_epochs == 150 for trial in ended)
    assert [trial.value for trial in ended] == recomputed(*submitted, ended)
    assert running(study._storage.database, study._study_id) == []
    assert set(crew.codes()) <= {0, -signal.SIGKILL, -signal.SIGTERM}, crew.logs()
    assert len(crew.done) >= 5, "the work was done before enough had happened"
    assert sum(trial.attempts for trial in results.trials) >= 1
    assert not list(tmp_path.glob("studies/chaos/checkpoints/*"))
