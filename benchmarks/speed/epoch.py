"""Seconds of each of several epochs: python -m speed.epoch NAME FILE.npz WIDTH EPOCHS.

The MLP has two hidden layers; an epoch trains on all rows and evaluates the validation part. FILE
is as in `contenders`; tuner reads raw.npz beside it.
"""

import itertools
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speed import process
from speed.grid import BATCH
from speed.task import Task

WARM_UP = 2
RATE = 0.5


@dataclass(frozen=True)
class Stopwatch:
    """The moments at which epochs ended."""

    moments: list[float]

    def __call__(self, *_: Any) -> None:
        self.moments.append(time.perf_counter())

    def seconds(self) -> list[float]:
        """The seconds of every epoch after the warm-up."""
        return [b - a for a, b in itertools.pairwise(self.moments[WARM_UP - 1 :])]


def products(task: Task, width: int) -> list[float]:
    """The matrix products alone: X W forwards; the gradients of W, and of X but for the first."""
    import numpy as np
    import tensorflow as tf

    data = task.data
    x, x_val = (
        tf.constant(data[name].reshape(len(data[name]), -1)) for name in ("x_train", "x_validation")
    )
    sizes = [x.shape[1], width, width, int(data["y_train"].max()) + 1]
    generator = np.random.default_rng(0)
    weights = [
        tf.constant(generator.normal(0, a**-0.5, (a, b)), tf.float32)
        for a, b in itertools.pairwise(sizes)
    ]

    def forwards(rows: Any) -> list[Any]:
        found = [rows]
        for each in weights:
            found.append(found[-1] @ each)
        return found

    def step(start: Any, _gradients: Any) -> tuple[Any, Any]:
        *inputs, flow = forwards(x[start : start + BATCH])
        gradients: list[Any] = []
        for depth in reversed(range(len(weights))):
            gradients.insert(0, tf.matmul(inputs[depth], flow, transpose_a=True))
            if depth:
                flow = tf.matmul(flow, weights[depth], transpose_b=True)
        return start + BATCH, gradients

    def epoch() -> Any:
        trained = tf.while_loop(lambda start, _: start < len(x), step, (0, weights))
        return trained, forwards(x_val)[-1]

    compiled, watch = tf.function(epoch, autograph=False), Stopwatch([])
    for _ in range(task.epochs + WARM_UP):
        watch(compiled()[1].numpy())
    return watch.seconds()


def program(task: Task, width: int) -> list[float]:
    """Our compiled epoch."""
    from speed.one_program import OneProgram, build, open_development

    train_validation, watch = open_development(task.file.with_name("raw.npz")), Stopwatch([])
    rebuilt = build(train_validation, width, RATE, 0)
    OneProgram(train_validation, rebuilt).train(rebuilt, task.epochs + WARM_UP, 0, watch)
    return watch.seconds()


def fit(task: Task, width: int) -> list[float]:
    """model.fit."""
    import keras

    watch = Stopwatch([])
    callbacks = [keras.callbacks.LambdaCallback(on_epoch_end=watch)]
    given = task.fitting | {"epochs": task.epochs + WARM_UP, "callbacks": callbacks}
    task.build(RATE, width).fit(**given)
    return watch.seconds()


CONTENDERS: dict[str, Callable[[Task, int], list[float]]] = {
    "products": products,
    "tuner": program,
    "model.fit": fit,
}


if __name__ == "__main__":
    name, file, width, epochs = sys.argv[1:]
    process.answer(CONTENDERS[name], Task(Path(file), "mlp", int(epochs)), int(width))
