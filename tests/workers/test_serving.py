"""tuner submit and tuner worker, as a user starts them."""

import signal
import time

import numpy as np
import pytest
from _cli import Running, submitter, tuner
from _compared import STORE, results
from _waiting import wait_for

from tuner.storage.connect import PATIENCE_VARIABLE, open_storage
from tuner.study.studies import load_study

TOLD = ("--signal-code", "143")


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def submit(place, npz, new_store):
    return submitter(place, npz, new_store)


@pytest.fixture
def begin(place):
    begun = []

    def begin(*arguments):
        begun.append(Running("worker", *arguments))
        return begun[-1]

    yield begin
    for worker in begun:
        worker.end()


@pytest.mark.slow
def test_a_worker_runs_the_trials_of_every_study_and_ends(submit):
    submit("--trials", "3")
    submit("--trials", "2", name="second")
    worker = tuner("worker")
    err = worker.stderr
    assert worker.returncode == 0, err
    assert results().counts.complete + results().counts.pruned == 3
    assert results("second").counts.finished == 2
    assert "mine [3/3] trial 2 complete accuracy" in err
    assert "second [2/2] trial 1" in err
    assert err.splitlines()[-1] == "5 trials ended here"


@pytest.mark.slow
def test_a_worker_of_one_study_leaves_the_others(submit):
    submit("--trials", "2")
    submit("--trials", "2", name="second")
    assert tuner("worker", "second", "-q").returncode == 0
    assert results().counts.waiting == 2
    assert results("second").counts.finished == 2


@pytest.mark.slow
def test_a_failed_trial_is_replaced_up_to_the_budget(submit):
    submit("--trials", "4")
    study = load_study("mine", open_storage(STORE))
    trial_id = study.store.claim(study.id)
    for _ in range(3):
        study.store.retry("no luck")
        trial_id = study.store.claim(study.id, preferred=[trial_id])
    study.store.release()
    assert tuner("worker", "-q").returncode == 0
    counts = results().counts
    assert (counts.finished, counts.failed, counts.waiting) == (4, 1, 0)


@pytest.mark.slow
def test_a_worker_ends_after_as_many_trials_or_as_long_as_it_was_told(submit):
    submit("--trials", "4")
    assert tuner("worker", "--max-trials", "3", "-q").returncode == 0
    assert (results().counts.finished, results().counts.waiting) == (3, 1)
    began = time.monotonic()
    assert tuner("worker", "--idle", "3", "-q").returncode == 0
    assert results().counts.finished == 4
    assert time.monotonic() - began > 3
    submit("--trials", "5", "--epochs", "100000", name="long")
    assert tuner("worker", "long", "--max-time", "4", "-q", *TOLD).returncode == 0
    assert (results("long").counts.waiting, results("long").counts.running) == (5, 0)


@pytest.mark.slow
def test_a_watching_worker_waits_for_more_and_goes_when_told(submit, begin):
    submit("--trials", "2")
    worker = begin("--watch", "-q", *TOLD)
    wait_for(lambda: results().counts.finished == 2)
    submit("--trials", "3")
    wait_for(lambda: results().counts.finished == 3)
    assert worker.poll() is None
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 143


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_hands_the_trial_back_and_another_worker_goes_on(submit, begin, number, code):
    submit("--trials", "2", "--epochs", "3000")
    worker = begin("-q")
    wait_for(lambda: any(row.n_epochs > 20 for row in results().trials))
    time.sleep(1.5)
    worker.send_signal(number)
    assert worker.wait(60) == code
    assert "Traceback" not in worker.stderr
    before = next(row for row in results().trials if row.n_epochs > 20)
    assert before.state == "WAITING"
    assert before.params
    begin("-q")

    def resumed():
        trial = load_study("mine", open_storage(STORE)).trials[before.number]
        return trial.user_attrs.get("resumed_after_epoch")

    assert wait_for(resumed) >= 20
    again = results().trials[before.number]
    assert again.state == "RUNNING"
    assert dict(again.params) == dict(before.params)


@pytest.mark.slow
def test_a_second_signal_ends_it_at_once(submit, begin):
    submit("--trials", "1", "--epochs", "100000")
    worker = begin("-q")
    wait_for(lambda: any(row.n_epochs > 2 for row in results().trials))
    worker.send_signal(signal.SIGSTOP)
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGINT)
    worker.send_signal(signal.SIGCONT)
    assert worker.wait(10) in (128 + signal.SIGTERM, 128 + signal.SIGINT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 3, "(the folder studies does not exist); 'tuner search' or 'tuner init' makes one"),
        (("nothing",), 3, "no such store"),
        (("--storage", "postgresql://user@127.0.0.1:1/store"), 3, "no database answers"),
        (("--storage", "postgresql://user@nowhere.invalid/store"), 3, "no such host"),
    ],
)
def test_a_worker_without_a_store_says_so(place, arguments, code, words):
    worker = tuner("worker", *arguments, env={PATIENCE_VARIABLE: "1"})
    assert worker.returncode == code
    assert words in worker.stderr.splitlines()[-1]
    assert worker.stderr.count("trying again for") == ("--storage" in arguments)


@pytest.mark.slow
def test_a_study_that_is_not_there_is_named(submit):
    submit("--trials", "1")
    worker = tuner("worker", "mein")
    assert worker.returncode == 2
    assert worker.stderr.count("\n") == 1
    assert "did you mean 'mine'?" in worker.stderr


@pytest.mark.slow
def test_a_study_whose_data_are_others_here_is_left_to_others(submit, npz):
    submit("--trials", "2")
    submit("--trials", "1", "--data", "digits", name="fine")
    with np.load(npz) as arrays:
        np.savez(npz, x=arrays["x"] + 1, y=arrays["y"])
    worker = tuner("worker")
    assert worker.returncode == 0
    said = "mine left to other workers: study 'mine' was made with other data"
    assert said in worker.stderr
    assert results("fine").counts.finished == 1
    assert results().counts.waiting == 2
    named = tuner("worker", "mine")
    assert named.returncode == 2
    assert "was made with other data" in named.stderr
