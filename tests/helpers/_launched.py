"""A study whose workers an engine starts, what is done to them, and what has to have come out."""

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

from _crew import leader, send

from tuner.cli.main import run
from tuner.data.loading import open_dataset
from tuner.storage.connect import open_storage
from tuner.storage.running import running
from tuner.study import bundle
from tuner.study.definition import StudyDefinition
from tuner.study.reading import read
from tuner.study.studies import load_study
from tuner.study.submission import Submission
from tuner.workers.bundled import files_of
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve

N_TRIALS = 40
N_EPOCHS = int(os.environ.get("TUNER_LAUNCHED_EPOCHS", "20"))


CODE = """
import os, time
import keras
class Hold(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if os.path.exists("{place}"):
            time.sleep({seconds})
def callbacks():
    return [Hold()]
"""
HOLDING = CODE.format(place="hold", seconds=0.3)
"""Code of a user's that takes long while a file is there, and keeps no core busy."""

SLOW = CODE.format(place="/secret", seconds=0.2)
"""Long in a pod, which sees none of the files here."""


class Launched:
    """Forty trials in the current folder, and the workers that an engine runs for them.

    `code` is a user's; where it is `bundled`, the study brings it and its data along.
    """

    def __init__(self, engine, url, data, *given, code=HOLDING, bundled=False):
        table = {
            "name": "far",
            "data": os.path.relpath(data) if bundled else str(data),
            "space": {"variant": ["standard", "gaussian"], "width": [8, 16], "depth": 1},
            "training": {"epochs": N_EPOCHS, "batch_size": 50, "learning_rate": 0.01}
            | {"callbacks": "holding:callbacks"},
            "search": {"trials": N_TRIALS, "pruner": "none", "sampler": "random"},
        }
        Path("holding.py").write_text(code)
        definition = StudyDefinition.parse(table, "test")
        dataset = open_dataset(definition.data_settings)
        self._resolved = resolve(definition, dataset.train_validation)
        made = (self._resolved.definition, self._resolved.space)
        rows = (dataset.train_validation, dataset.fingerprint)
        submission = Submission(url, *made, *rows)
        if bundled:
            here = Path.cwd().resolve()
            bundle.put(submission.study, bundle.pack(files_of(made[0], here), here))
        assert submission.fill() == N_TRIALS
        self._rows = dataset.train_validation
        self._study = load_study("far", open_storage(url, patience=60))
        self._engine, self._url, self._given = engine, url, given
        self._began, self.done = time.monotonic(), Counter()

    def start(self, n, *more):
        """Launch `n` workers."""
        where = ["--on", self._engine, "--workers", n, "--storage", self._url, "--heartbeat", 1]
        assert run(["launch", "far", *map(str, where), *self._given, *more]) == 0

    def states(self, capsys):
        """The workers as their engine sees them."""
        capsys.readouterr()
        assert run(["launch", "far", "--state", "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    def stop(self):
        """End all that were launched."""
        assert run(["launch", "far", "--stop"]) == 0

    def n_finished(self):
        return read(self._study).counts.finished

    def wait(self, condition, seconds=250):
        """Until it holds; what the study has then is said where it does not."""
        until = time.monotonic() + seconds
        while not (found := condition()):
            assert time.monotonic() < until, read(self._study).counts
            time.sleep(0.1)
        return found

    def wait_for(self, n):
        """Until so many trials have finished."""
        self.wait(lambda: self.n_finished() >= n)

    def training(self):
        """The processes that train, by their ids."""
        held = running(self._study.store.database, self._study.id)
        return [int(each.lease.worker.rpartition(":")[2]) for each in held if each.lease]

    def alive(self):
        """Those of them that are there, and not another process by now that has the same id."""
        return [pid for pid in self.training() if _is_worker(leader(pid))]

    def held(self, action):
        """Do something while hardly a trial ends: what is slow to come finds workers at work."""
        Path("hold").touch()
        try:
            action()
        finally:
            Path("hold").unlink()

    def strike(self, name, action):
        """Do something to the workers, and count it."""
        action()
        self.done[name] += 1

    def kill(self):
        """SIGKILL to a process that trains, and to the one that stands by."""
        pid = self.wait(self.alive)[0]
        above = leader(pid)
        send(above, signal.SIGKILL)
        send(pid, signal.SIGKILL)

    def check(self):
        """Exactly as many have ended as were asked for, each once, with the value of its params."""
        results = read(self._study)
        assert Counter(trial.state for trial in results.trials) == {"COMPLETE": N_TRIALS}
        assert [trial.number for trial in results.trials] == list(range(N_TRIALS))
        assert all(trial.n_epochs == N_EPOCHS for trial in results.trials)
        assert self.training() == []
        seconds = time.monotonic() - self._began
        trainer, recipes = trainer_of(self._resolved, self._rows)
        values = [trainer.run(recipes.of(each.params), each.seed).value for each in results.trials]
        assert [trial.value for trial in results.trials] == values
        figures = {
            "engine": self._engine,
            "seconds": round(seconds),
            "strikes": dict(self.done),
            "attempts": sum(trial.attempts for trial in results.trials),
            "workers": len({trial.worker for trial in results.trials}),
            "trials": len(results.trials),
        }
        print(json.dumps(figures))  # noqa: T201 (what a run with --capture=no shows)


def _is_worker(pid):
    """Whether a process is the `tuner worker` of this study."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return {b"worker", b"far"} <= set(words)
