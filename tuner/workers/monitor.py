"""What a monitoring asks one worker: trials, epochs, where its seconds go, what went wrong."""

import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tuner.errors import UsageError
from tuner.workers.gone import Gone
from tuner.workers.messages import Began, Ended, Epoch, Measured

COUNTED = {
    "trials": "Trials that have ended here.",
    "epochs": "Epochs that were trained here.",
    "lost_trials": "Trials that were taken by others while they were run here.",
    "retries": "Calls of the store that were tried again.",
    "deaths": "Processes that were ended, or ended by themselves, and were replaced.",
}


class Monitor(Collector):
    """Hears what the process that trains says, and answers Prometheus."""

    def __init__(self) -> None:
        self._counts = Counter[str]()
        self._seconds = Counter[str]()
        self._running: Began | None = None
        self._since = time.monotonic()

    def serve(self, port: int) -> None:
        """Answer at a port of this machine, on all its addresses; UsageError where it is taken."""
        registry = CollectorRegistry()
        registry.register(self)
        try:
            start_http_server(port, registry=registry)
        except OSError as error:
            raise UsageError(f"--metrics-port {port}: {error.strerror}") from None

    def hear(self, message: Any) -> None:
        """Count what has happened."""
        match message:
            case Began():
                self._running, self._since = message, time.monotonic()
            case Epoch():
                self._counts["epochs"] += 1
                self._since = time.monotonic()
            case Ended(is_over=is_over):
                self._counts["trials"] += is_over
                self._running = None
            case Measured(seconds, retries, lost_trials):
                self._seconds.update(seconds)
                self._counts.update(retries=retries, lost_trials=lost_trials)
            case Gone():
                self._counts["deaths"] += 1
                self._running = None

    def describe(self) -> Iterable[Metric]:
        """Nothing has happened yet."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """All of it."""
        for name, text in COUNTED.items():
            yield CounterMetricFamily(f"tuner_process_{name}", text, value=self._counts[name])
        seconds = CounterMetricFamily(
            "tuner_process_seconds", "Seconds of the finished trials by what for.", labels=("on",)
        )
        for name, value in self._seconds.items():
            seconds.add_metric((name,), value)
        yield seconds
        idle = GaugeMetricFamily(
            "tuner_process_idle_seconds",
            "Seconds since the last epoch of the trial that runs, or its beginning.",
            labels=("study", "trial"),
        )
        running = self._running
        if running is not None:
            labels = (running.study, str(running.number))
            idle.add_metric(labels, time.monotonic() - self._since)
        yield idle
