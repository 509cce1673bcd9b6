"""Our engine without a study around it: one program for the MLP with standard dropout."""

from pathlib import Path

from speed.grid import BATCH
from speed.networks import mlp

from tuner.data.dataset import TrainValidation
from tuner.data.loading import open_dataset
from tuner.data.settings import DataSettings
from tuner.dropout.rebuild import Rebuilt, rebuild
from tuner.dropout.standard import VARIANT
from tuner.study.definition import Training
from tuner.training.backend import set_seed
from tuner.training.batches import Arrays
from tuner.training.loop import OnEpoch, train_program
from tuner.training.program import Program
from tuner.training.settings import TrainingSettings


class OneProgram:
    """A program, and the rows that it trains and is judged on."""

    def __init__(self, train_validation: TrainValidation, rebuilt: Rebuilt) -> None:
        self._program = Program(
            rebuilt, train_validation, metric="accuracy", settings=TrainingSettings()
        )
        self._arrays = Arrays.of(train_validation.train), Arrays.of(train_validation.validation)

    def train(self, rebuilt: Rebuilt, epochs: int, seed: int, on_epoch: OnEpoch) -> None:
        """Train a model of the same structure, as a trial is trained."""
        self._program.load(rebuilt)
        settings = Training(epochs=epochs, batch_size=BATCH, learning_rate=1e-3)
        train_program(self._program, *self._arrays, settings, seed=seed, on_epoch=on_epoch)


def open_development(file: Path) -> TrainValidation:
    """The training and validation rows of raw.npz."""
    return open_dataset(DataSettings(str(file))).train_validation


def build(train_validation: TrainValidation, width: int, rate: float, seed: int) -> Rebuilt:
    """A fresh model; its weights come from `seed`."""
    set_seed(seed)
    return rebuild(mlp({"width": width}, train_validation.spec), VARIANT, {"rate": rate})
