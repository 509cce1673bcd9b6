"""When KerasTuner's first trial begins and ends: python -m speed.first_trial FILE.npz EPOCHS.

Prints two moments in seconds since 1970 as JSON; FILE is as in `contenders`.
"""

import sys
import time
from pathlib import Path
from typing import Any

from speed import process
from speed.task import Task

WIDTH = 256


def moments(task: Task) -> list[float]:
    """The beginning and the end of the first trial of a grid search."""
    import keras_tuner as kt

    found = []

    class Search(kt.GridSearch):
        def on_trial_begin(self, trial: Any) -> None:
            found.append(time.time())
            super().on_trial_begin(trial)

        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            found.append(time.time())

    def build(hp: kt.HyperParameters) -> Any:
        return task.build(hp.Choice("rate", [0.0, 0.5]), hp.Fixed("width", WIDTH))

    Search(build, "val_accuracy", max_trials=1, directory="kt").search(**task.fitting)
    return found


if __name__ == "__main__":
    file, epochs = sys.argv[1:]
    process.answer(moments, Task(Path(file), "mlp", int(epochs)))
