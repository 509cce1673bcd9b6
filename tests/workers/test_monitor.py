"""What a monitoring is told by one worker."""

import signal
import socket
import urllib.request

import pytest
from _cli import Running, tuner
from _waiting import wait_for
from prometheus_client.parser import text_string_to_metric_families

from tuner.errors import UsageError
from tuner.workers.gone import Gone
from tuner.workers.messages import Began, Ended, Epoch, Measured
from tuner.workers.monitor import COUNTED, Monitor
from tuner.workers.watch import Limits


def values(monitor):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in monitor.collect()
        for sample in family.samples
    }


def test_what_is_heard_is_counted():
    monitor = Monitor()
    assert {f"tuner_process_{name}_total": 0.0 for name in COUNTED}.items() <= {
        name: value for (name, *_), value in values(monitor).items()
    }.items()
    for message in (
        Began(7, "s", 3, Limits()),
        Epoch(3, 1, 0.5, 7),
        Epoch(3, 2, 0.5, 7),
        Ended(3, 7),
        Measured({"train": 2.0, "store": 0.5}, 4, 0),
        Began(7, "s", 4, Limits()),
        Ended(4, 7, is_over=False),
        Measured({"train": 1.0}, 0, 1),
        Began(7, "s", 5, Limits()),
    ):
        monitor.hear(message)
    found = values(monitor)
    assert found["tuner_process_trials_total",] == 1
    assert found["tuner_process_epochs_total",] == 2
    assert found["tuner_process_retries_total",] == 4
    assert found["tuner_process_lost_trials_total",] == 1
    assert found["tuner_process_seconds_total", "train"] == 3.0
    assert found["tuner_process_idle_seconds", "s", "5"] < 5
    monitor.hear(Gone(7, 1))
    found = values(monitor)
    assert found["tuner_process_deaths_total",] == 1
    assert not [name for name in found if name[0] == "tuner_process_idle_seconds"]


def test_a_port_that_is_taken_is_named():
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=rf"--metrics-port {port}: Address already in use"):
            Monitor().serve(port)


@pytest.mark.slow
def test_a_worker_answers_while_it_works(tmp_path, npz):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    small = ["--epochs", "2", "--width", "8", "--variant", "standard", "--trials", "3"]
    submitted = tuner("submit", "--data", npz, "--name", "mine", *small, cwd=tmp_path)
    assert submitted.returncode == 0, submitted.stderr
    worker = Running("worker", "--watch", "--metrics-port", port, cwd=tmp_path)

    def asked():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            families = text_string_to_metric_families(answer.read().decode())
        return {(s.name, *s.labels.values()): s.value for each in families for s in each.samples}

    def is_done():
        try:
            return asked()["tuner_process_trials_total",] == 3
        except OSError:
            return False

    try:
        wait_for(is_done, 100)
        found = asked()
        assert found["tuner_process_epochs_total",] == 6
        assert found["tuner_process_deaths_total",] == 0
        assert found["tuner_process_seconds_total", "propose"] > 0
        assert found["tuner_process_seconds_total", "train"] > 0
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
