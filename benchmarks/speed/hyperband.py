"""KerasTuner's Hyperband: python -m speed.hyperband FILE.npz EPOCHS BUDGET SEED.

It goes on until it has trained BUDGET epochs, and prints for each trial, as JSON: the epochs it
trained, its validation accuracy after the last of them, and the moment in seconds since 1970.
"""

import contextlib
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from speed import process
from speed.grid import BATCH
from speed.task import Task

VARIANTS = ["none", "standard", "gaussian"]
WIDTHS = [64, 128, 256, 512]
HIGH = 0.8
ENDLESS = 10**6


class _SpentError(Exception):
    """The budget is spent."""


def trials(task: Task, budget: int, seed: int) -> list[dict[str, float]]:
    """Search until `budget` epochs are trained."""
    import keras
    import keras_tuner as kt

    keras.utils.set_random_seed(seed)
    data = task.data
    accuracies: list[float] = []
    found: list[dict[str, float]] = []

    class Search(kt.Hyperband):
        def on_epoch_end(self, trial: Any, model: Any, epoch: int, logs: Any = None) -> None:
            super().on_epoch_end(trial, model, epoch, logs)
            accuracies.append(float(logs["val_accuracy"]))

        def on_trial_end(self, trial: Any) -> None:
            super().on_trial_end(trial)
            n_epochs = len(accuracies) - sum(int(each["epochs"]) for each in found)
            found.append({"epochs": n_epochs, "value": accuracies[-1], "moment": time.time()})
            if len(accuracies) >= budget:
                raise _SpentError

    search = Search(
        lambda hp: _build(hp, data),
        "val_accuracy",
        max_epochs=task.epochs,
        hyperband_iterations=ENDLESS,
        seed=seed,
        directory="kt",
    )
    with contextlib.suppress(_SpentError):
        search.search(
            data["x_train"],
            data["y_train"],
            validation_data=(data["x_validation"], data["y_validation"]),
            batch_size=BATCH,
            verbose=0,
        )
    return found


def _build(hp: Any, data: Mapping[str, Any]) -> Any:
    """The MLP of tuner, with Keras's own layers."""
    import keras

    width, rate = hp.Choice("width", WIDTHS), hp.Float("rate", 0.0, HIGH)
    noises = {
        "none": keras.layers.Identity,
        "standard": lambda: keras.layers.Dropout(rate),
        "gaussian": lambda: keras.layers.GaussianDropout(rate),
    }
    noise = noises[hp.Choice("variant", VARIANTS)]
    layers: list[Any] = [keras.Input(data["x_train"].shape[1:])]
    for _ in range(2):
        layers += [keras.layers.Dense(width, "relu"), noise()]
    n_outputs = int(data["y_train"].max()) + 1
    model = keras.Sequential([*layers, keras.layers.Dense(n_outputs, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


if __name__ == "__main__":
    file, epochs, budget, seed = sys.argv[1:]
    process.answer(trials, Task(Path(file), "mlp", int(epochs)), int(budget), int(seed))
