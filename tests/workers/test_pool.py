"""Worker processes: what they are given, what they say, how they end."""

import math
import os
import signal
import time
from multiprocessing import Pipe, forkserver

import pytest
from _internals import noticed_by, verify
from _waiting import WORKERS, exists, heard, wait_for

from tuner.errors import UsageError
from tuner.workers.channel import Channel, Failed, Stop
from tuner.workers.messages import Go
from tuner.workers.pool import Pool
from tuner.workers.team import Team


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool_workers.py").write_text(WORKERS)
    return tmp_path


def test_workers_get_their_arguments_in_the_folder_of_the_leader_with_tensorflow_imported(place):
    with Pool(2, "pool_workers:echo", ("given",)) as pool:
        found = sorted(heard(pool, 2))
        assert found == [("given", str(place), True, False)] * 2
        pool.tell("anything")
        assert heard(pool, 2) == [("heard", "str")] * 2
        wait_for(lambda: list(pool.receive(0.1)) == [] and not len(pool))


def test_leaving_the_pool_stops_its_workers_and_what_they_print_goes_to_stderr(place):
    with Pool(1, "pool_workers:wait", ()) as pool:
        assert heard(pool, 1) == [True]
    assert (place / "stopped").exists()


def test_an_error_in_the_leader_stops_them(place):
    def lead():
        with Pool(1, "pool_workers:wait", ()) as pool:
            heard(pool, 1)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lead()
    assert (place / "stopped").exists()


def test_a_worker_that_does_not_stop_is_killed(place, monkeypatch):
    monkeypatch.setattr("tuner.workers.pool.PATIENCE", 0.5)
    with Pool(1, "pool_workers:sleep", ()) as pool:
        (process,) = heard(pool, 1)
    assert not exists(process)


class Hearing:
    def __init__(self):
        self.heard = []

    def notice(self, text):
        self.heard.append(text)


@pytest.mark.timeout(60)
def test_a_worker_that_is_ready_after_the_end_ends_too(place):
    listener = Hearing()
    with Pool(1, "pool_workers:late", ()) as pool:
        team = Team(pool, 1, listener)
        team.go()
        while not listener.heard:
            team.wait(time.monotonic() + 0.1)
        team.stop()
        (place / "stop").touch()
        team.wait_for_end(math.inf)


@pytest.mark.timeout(60)
def test_a_worker_that_does_not_end_when_all_is_done_is_ended_and_said_to_be(place):
    listener = Hearing()
    with Pool(1, "pool_workers:sleep", ()) as pool:
        (process,) = heard(pool, 1)
        Team(pool, 1, listener).wait_for_end(0.5)
        assert not exists(process)
    (said,) = listener.heard
    assert said.startswith(f"process {process}, whose trials are done, did not end within ")
    assert "(pool_workers.py, line " in said


def test_the_order_to_stop_is_the_last():
    theirs, ours = Pipe()
    channel = Channel(ours)
    for order in (Go(), Stop(), Go()):
        theirs.send(order)
    assert isinstance(channel.order(1.0), Stop)
    theirs.send(Go())
    assert isinstance(channel.order(1.0), Stop)


@pytest.mark.parametrize(("signals", "code"), [(1, 0), (2, 143)])
def test_sigterm_stops_a_worker_and_a_second_one_ends_it_at_once(place, signals, code):
    with Pool(1, "pool_workers:linger", ()) as pool:
        (process,) = heard(pool, 1)
        (child,) = pool._lines.values()
        for _ in range(signals):
            os.kill(process, signal.SIGTERM)
            time.sleep(0.2)
        child.join(10)
        assert child.exitcode == code
    assert (place / "stopped").exists() == (signals == 1)


def test_what_goes_wrong_in_a_worker_is_told_with_its_kind(place):
    with Pool(1, "pool_workers:fail", ()) as pool:
        (failed,) = heard(pool, 1)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, UsageError)
    assert str(failed.error) == "no luck"


def test_a_killed_worker_is_let_go_and_has_been_reaped(place):
    with Pool(1, "pool_workers:sleep", ()) as pool:
        (process,) = heard(pool, 1)
        os.kill(process, signal.SIGKILL)
        wait_for(lambda: list(pool.receive(0.1)) == [] and not len(pool))
        assert not exists(process)


@pytest.mark.parametrize("use", noticed_by("tests/workers/test_pool.py"), ids=lambda use: use.name)
def test_what_is_used_of_multiprocessing_is_there(use):
    known = {"_forkserver": vars(forkserver), "_forkserver_pid": vars(forkserver._forkserver)}
    verify(use, lambda: use.name in known[use.name])
