"""Resident memory after each trial: python -m speed.resident NAME FILE.npz EPOCHS TRIALS.

Every contender samples rate and width of the same MLP at random and prints megabytes, one number a
trial, as JSON. FILE is as in `contenders`; tuner reads raw.npz beside it.
"""

import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from speed import process
from speed.grid import WIDTHS
from speed.task import Task

HIGH = 0.8


def resident() -> float:
    """The resident size of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def tuner(task: Task, n_trials: int) -> list[float]:
    """Our worker, in this process: store in SQLite, best model kept and written."""
    from speed.leader import Leader

    from tuner.data.loading import open_dataset
    from tuner.study.definition import StudyDefinition
    from tuner.workers.messages import SearchRequest, Work
    from tuner.workers.worker import work

    table = {
        "data": str(task.file.with_name("raw.npz")),
        "space": {"variant": ["standard"], "width": list(WIDTHS["mlp"])},
        "training": {"epochs": task.epochs},
        "search": {"trials": n_trials, "sampler": "random", "pruner": "none"},
    }
    definition = StudyDefinition.parse(table, "benchmark")
    dataset = open_dataset(definition.data_settings)
    request = SearchRequest(definition, "sqlite:///tuner.db", Path.cwd())
    sizes: list[float] = []
    given = Work(request, dataset.train_validation, dataset.fingerprint)
    work(given, Leader(given, n_trials, lambda: sizes.append(resident())))
    return sizes


def fit_loop(task: Task, n_trials: int) -> list[float]:
    """model.fit in a loop."""
    generator = random.Random(0)
    sizes = []
    for _ in range(n_trials):
        task.fit(generator.uniform(0, HIGH), generator.choice(WIDTHS["mlp"]))
        sizes.append(resident())
    return sizes


def cleared_fit_loop(task: Task, n_trials: int) -> list[float]:
    """The same, with keras.utils.clear_session before each model."""
    import keras

    generator = random.Random(0)
    sizes = []
    for _ in range(n_trials):
        keras.utils.clear_session()
        task.fit(generator.uniform(0, HIGH), generator.choice(WIDTHS["mlp"]))
        sizes.append(resident())
    return sizes


def keras_tuner(task: Task, n_trials: int) -> list[float]:
    """KerasTuner's random search."""
    import keras_tuner as kt

    sizes = []

    class Search(kt.RandomSearch):
        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            sizes.append(resident())

    def build(hp: kt.HyperParameters) -> Any:
        return task.build(hp.Float("rate", 0.0, HIGH), hp.Choice("width", list(WIDTHS["mlp"])))

    Search(build, "val_accuracy", max_trials=n_trials, seed=0, directory="kt").search(
        **task.fitting
    )
    return sizes


CONTENDERS: dict[str, Callable[[Task, int], list[float]]] = {
    "tuner": tuner,
    "model.fit": fit_loop,
    "model.fit, cleared": cleared_fit_loop,
    "keras-tuner": keras_tuner,
}


if __name__ == "__main__":
    name, file, epochs, trials = sys.argv[1:]
    process.answer(CONTENDERS[name], Task(Path(file), "mlp", int(epochs)), int(trials))
