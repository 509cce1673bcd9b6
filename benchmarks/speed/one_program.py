"""Our engine without a study around it: one program for the MLP with standard dropout."""

from dataclasses import dataclass
from pathlib import Path

from speed.grid import BATCH
from speed.networks import mlp

from tuner.data.opening import open_dataset
from tuner.data.parts import Development
from tuner.definition import StudyDefinition
from tuner.randomness import set_seed
from tuner.sites import Rebuilt, rebuild
from tuner.training import Arrays, OnEpoch, Program
from tuner.variants.standard import VARIANT


@dataclass(frozen=True)
class Opened:
    """A program and the rows it is trained and judged on."""

    program: Program
    development: Development
    arrays: tuple[Arrays, Arrays]

    def train(self, *, epochs: int, seed: int, on_epoch: OnEpoch, rate: float = 1e-3) -> None:
        """Train as a trial does; `rate` is that of the learning."""
        self.program.train(
            *self.arrays,
            epochs=epochs,
            batch_size=BATCH,
            learning_rate=rate,
            seed=seed,
            on_epoch=on_epoch,
        )


def open_program(file: Path, width: int, rate: float) -> Opened:
    """Data, model and program, compiled."""
    development = open_dataset(StudyDefinition.parse({"data": str(file)}, "benchmark")).development
    rebuilt = build(development, width, rate)
    program = Program(rebuilt, development, metric="accuracy", optimizer="adam")
    arrays = Arrays.of(development.train), Arrays.of(development.validation)
    return Opened(program, development, arrays)


def build(development: Development, width: int, rate: float, seed: int = 0) -> Rebuilt:
    """A fresh model of a structure; its weights come from `seed`."""
    set_seed(seed)
    model = mlp({"width": width, "given": rate}, development.spec)
    return rebuild(model, VARIANT, {"rate": rate})
