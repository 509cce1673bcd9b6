"""Seconds of trials in N lanes: python -m speed.lane_trials RAW.npz WIDTH LANES EPOCHS REPEATS.

One lane is our program, trial by trial. The first trial of every process is the same, without
noise: "control" is what it ends with.
"""

import sys
import time
from pathlib import Path
from typing import Any

from speed import process

RATES = (0.0, 0.5, 0.25, 0.1, 0.4, 0.3, 0.2, 0.6)
LEARNING_RATE = 1e-3
CONTROLLED = ("train_loss", "train_accuracy", "val_loss", "val_accuracy")


def one_by_one(file: Path, width: int, epochs: int, repeats: int) -> dict[str, Any]:
    """Our program."""
    from speed.one_program import OneProgram, build, open_development

    train_validation = open_development(file)
    history: list[Any] = []
    models = [build(train_validation, width, RATES[n % len(RATES)], n) for n in range(repeats + 1)]
    started = time.perf_counter()
    opened = OneProgram(train_validation, models[0])
    seconds = []
    for seed, rebuilt in enumerate(models):
        opened.train(rebuilt, epochs, seed, lambda _, metrics: history.append(metrics))
        seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
    control = [history[epochs - 1][name] for name in CONTROLLED]
    return {"first": seconds[0], "trials": seconds[1:], "control": control}


def side_by_side(file: Path, width: int, n: int, epochs: int, repeats: int) -> dict[str, Any]:
    """As many trials at a time as there are lanes."""
    from speed.lanes import Lane, Lanes
    from speed.one_program import build, open_development

    train_validation = open_development(file)
    history: list[Any] = []
    found = []
    for seed, rate in enumerate(RATES[:n]):
        variables = build(train_validation, width, rate, seed).model.trainable_variables
        weights = [variable.numpy() for variable in variables]
        found.append(Lane(weights, rate, LEARNING_RATE, seed))
    started = time.perf_counter()
    lanes = Lanes(train_validation, n, width)
    seconds = []
    for _ in range(repeats + 1):
        lanes.train(found, epochs, lambda _, means: history.append(means))
        seconds.append((time.perf_counter() - started) / n)
        started = time.perf_counter()
    return {
        "first": n * seconds[0],
        "trials": seconds[1:],
        "control": history[epochs - 1][0].tolist(),
    }


def measure(file: Path, width: int, n: int, epochs: int, repeats: int) -> dict[str, Any]:
    """Seconds of the first run, seconds a trial of the others, and the control."""
    if n == 1:
        return one_by_one(file, width, epochs, repeats)
    return side_by_side(file, width, n, epochs, repeats)


if __name__ == "__main__":
    process.answer(measure, Path(sys.argv[1]), *map(int, sys.argv[2:]))
