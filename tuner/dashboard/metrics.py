"""What a monitoring asks a store: trials by state, epochs, attempts that were lost, workers."""

import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from werkzeug.wrappers import Request, Response

from tuner.dashboard.directory import Listed, listed
from tuner.storage.rdb import Database
from tuner.storage.running import running
from tuner.storage.tally import tallies

PATH = "/metrics/"
_REST = 10
"""It is counted anew after a rest of so many times the seconds that it took."""

TOTALS = {
    "epochs": "Epochs that trials of a study have been trained.",
    "trial_seconds": "Seconds that the finished trials of a study took.",
    "lost_attempts": "Attempts at trials of a study that came to nothing.",
}
OF_WORKERS = {
    "silent_seconds": "Seconds since the last sign of life of who runs a trial.",
    "idle_seconds": "Seconds since the last epoch of a running trial, or its beginning.",
    "epochs": "Epochs that a running trial has been trained.",
}


class Metrics(Collector):
    """The metrics of a store; of several threads that ask one reads."""

    def __init__(self, database: Database) -> None:
        self._database, self._lock = database, threading.Lock()
        self._registry = CollectorRegistry()
        self._found: list[Metric] = []
        self._due = 0.0
        self._registry.register(self)

    def answer(self, request: Request) -> Response:
        """All of them, as Prometheus takes them."""
        encode, mimetype = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(self._registry), content_type=mimetype)

    def describe(self) -> Iterable[Metric]:
        """Nothing: a store may not be there yet."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """The metrics, which are kept for a while where it takes long to count."""
        with self._lock:
            began = time.monotonic()
            if began >= self._due:
                self._found = list(_read(self._database))
                ended = time.monotonic()
                self._due = ended + _REST * (ended - began)
            return self._found


def _read(database: Database) -> Iterable[Metric]:
    trials = GaugeMetricFamily(
        "tuner_trials", "Trials of a study by state.", labels=("study", "state")
    )
    totals = {
        name: CounterMetricFamily(f"tuner_{name}", text, labels=("study",))
        for name, text in TOTALS.items()
    }
    of_workers = {
        name: GaugeMetricFamily(f"tuner_worker_{name}", text, labels=("study", "trial", "worker"))
        for name, text in OF_WORKERS.items()
    }
    studies = [each for found in listed(database).values() for each in found.all]
    for study in (each for each in studies if each.definition):
        for state, n in asdict(study.counts).items():
            trials.add_metric((study.name, state), n)
        for name, value in _sums(database, study).items():
            totals[name].add_metric((study.name,), value)
        for each in running(database, study.number):
            worker = "" if each.lease is None else each.lease.worker
            labels = (study.name, str(each.number), worker)
            of_workers["silent_seconds"].add_metric(labels, each.age)
            of_workers["idle_seconds"].add_metric(labels, each.idle)
            of_workers["epochs"].add_metric(labels, (each.epoch or 0) * _epochs(study.definition))
    return [trials, *totals.values(), *of_workers.values()]


def _sums(database: Database, study: Listed) -> dict[str, float]:
    found = database.run(lambda each: tallies(each, study.number), reads=True)
    return {
        "epochs": sum(each.steps for each in found) * _epochs(study.definition),
        "trial_seconds": sum(each.seconds for each in found),
        "lost_attempts": sum(each.attempts for each in found),
    }


def _epochs(definition: Mapping[str, Any]) -> int:
    """How many epochs a step of a trial has: all of a fold, where there are folds."""
    has_folds = definition.get("search", {}).get("folds", 1) > 1
    return int(definition.get("training", {}).get("epochs", 1)) if has_folds else 1
