"""Run whatever waits in a store, of any study, until nothing does."""

import contextlib
import enum
import os
import time

import optuna

from tuner.comparison.companion import is_comparison
from tuner.comparison.rounds import fill
from tuner.storage.connect import open_storage, patience
from tuner.storage.worker_storage import CURRENT
from tuner.study import attrs
from tuner.study.reading import ended
from tuner.study.studies import load_study
from tuner.study.trial_queue import Counts, claim, count, is_hopeless, requeue_dead
from tuner.workers.heartbeat import Heartbeat
from tuner.workers.messages import Began, Ended, Measured
from tuner.workers.open_studies import OpenStudies
from tuner.workers.runnable import Runnable
from tuner.workers.service import Service
from tuner.workers.trial_run import StoppedError
from tuner.workers.worker import run_trial, set_threads

_POLL = 0.5
_TURN = 5.0
"""Seconds after which a worker looks after the store, and at other studies."""


def serve(service: Service) -> int:
    """Run waiting trials until none waits or runs, or for ever; how many have ended here.

    A study that cannot be run on this machine is left to others, which is said once; it is an error
    where it was named.
    """
    set_threads(1)
    return _Server(service).run()


class _State(enum.Enum):
    RAN = enum.auto()
    """A trial of the study was run here."""
    WAITS = enum.auto()
    """Others run its last trials; one may come back."""
    IDLE = enum.auto()
    """There is nothing to do."""


class _Server:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = open_storage(
            service.url, wait=patience(), patience=patience(), current=CURRENT
        )
        self._studies = OpenStudies(service, self._store)
        self._rounds: dict[str, Counts] = {}
        self._ended = 0
        self._counted = (0, 0)

    def run(self) -> int:
        stopping, busy = self._service.stopping, time.monotonic()
        with Heartbeat(self._store, self._service.heartbeat) as heartbeat:
            while not self._is_told():
                heartbeat.check()
                states = [self._visit(name) for name in self._names()]
                if states.count(_State.IDLE) < len(states):
                    busy = time.monotonic()
                if _State.RAN in states:
                    continue
                if time.monotonic() - busy >= self._service.stays:
                    break
                stopping.wait(_POLL)
        return self._ended

    def _is_told(self) -> bool:
        """Whether it is to end now: because somebody said so, or it has run what it was to run."""
        return self._service.stopping.is_set() or self._ended >= self._service.max_trials

    def _names(self) -> list[str]:
        """The studies to look at; those of other programs are not ours to run."""
        studies = {study.study_name: study for study in self._store.get_all_studies()}
        for name in self._service.names:
            if name not in studies and not self._service.watch:
                load_study(name, self._store)
        wanted = self._service.names or studies
        ours = [n for n in wanted if n in studies and attrs.DEFINITION.is_in(studies[n].user_attrs)]
        return [name for name in ours if not self._studies.is_left_out(name)]

    def _visit(self, name: str) -> _State:
        """Look after a study: hand back what the dead held, queue what is missing, run trials."""
        study = load_study(name, self._store)
        requeue_dead(study)
        counts = count(study)
        if is_comparison(study) and self._rounds.get(name) != counts:
            fill(study)
            self._rounds[name] = counts = count(study)
        budget = attrs.BUDGET.of(study.user_attrs) or 0
        missing = budget - counts.finished - counts.waiting - counts.running
        if is_hopeless(counts, counts.failed, budget):
            missing = 0
        if not counts.waiting and missing <= 0:
            return _State.WAITS if counts.running else _State.IDLE
        opened = self._studies.open(name)
        if opened is None:
            return _State.IDLE
        if missing > 0:
            opened.fill(budget)
        return _State.RAN if self._take_trials(opened) else _State.WAITS

    def _take_trials(self, opened: Runnable) -> bool:
        """Run trials of a study for a while; whether there was one."""
        study, objective = opened.study, opened.objective
        is_known, heartbeat = objective.recipes.is_known, self._service.heartbeat
        ran, until = False, time.monotonic() + _TURN
        while time.monotonic() < until and not self._is_told():
            with objective.clock.spend("store"):
                trial = claim(study, objective.definition, is_known, heartbeat)
            if trial is None:
                break
            ran = True
            with contextlib.suppress(StoppedError):
                self._run(opened, trial)
        return ran

    def _run(self, opened: Runnable, trial: optuna.Trial) -> None:
        """Run a trial, and tell of it."""
        tell, pid = self._service.tell, os.getpid()
        tell(Began(pid, opened.study.study_name, trial.number, opened.limits))
        before = self._ended
        try:
            run_trial(opened.study, opened.objective, trial)
            self._tell(opened, trial.number)
        finally:
            tell(Ended(trial.number, pid, is_over=self._ended > before))
            tell(self._measured(opened))

    def _measured(self, opened: Runnable) -> Measured:
        """What came since this was asked last."""
        counted = self._store.database.n_retries, self._store.n_lost
        retries, n_lost = (now - then for now, then in zip(counted, self._counted, strict=True))
        self._counted = counted
        return Measured(opened.objective.clock.take(), retries, n_lost)

    def _tell(self, opened: Runnable, number: int) -> None:
        results = ended(opened.study, opened.objective.definition, number)
        if next(row for row in results.trials if row.number == number).is_open:
            opened.listener.notice(f"trial {number} went back to the queue")
            return
        self._ended += 1
        opened.listener.trial(results, number, results.counts.finished)
