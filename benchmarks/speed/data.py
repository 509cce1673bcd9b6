"""The data of a row, for tuner and, already split and standardized, for the others."""

from pathlib import Path

import click
import numpy as np

from tuner.data.loading import open_dataset
from tuner.study.definition import StudyDefinition

ROWS = {
    "digits": {"model": "mlp", "epochs": 20},
    "mnist": {"model": "mlp", "epochs": 3},
    "cnn": {"model": "cnn", "epochs": 3},
}
"""Data, network and epochs; the CNN sees 8,000 images of MNIST."""


def prepare(row: str, mnist: Path | None, folder: Path, *, seed: int = 0) -> None:
    """Write raw.npz for tuner, and the same rows split and standardized for the others.

    The split is that of a study with `seed`.
    """
    if row == "digits":
        from sklearn.datasets import load_digits

        digits = load_digits()
        raw = {"x": digits.data.astype("float32"), "y": digits.target}
    else:
        if mnist is None:
            raise click.UsageError(f"the row {row!r} needs --mnist FILE")
        with np.load(mnist) as arrays:
            raw = dict(arrays)
        if row == "cnn":
            raw = {"x": raw["x_train"][:12_500, ..., None], "y": raw["y_train"][:12_500]}
    np.savez(folder / "raw.npz", **raw)
    table = {"data": str(folder / "raw.npz"), "search": {"seed": seed}}
    train_validation = open_dataset(
        StudyDefinition.parse(table, "benchmark").data_settings
    ).train_validation
    parts = {"train": train_validation.train, "validation": train_validation.validation}
    arrays = {
        f"{axis}_{name}": getattr(part, axis) for name, part in parts.items() for axis in "xy"
    }
    np.savez(folder / "split.npz", **arrays)
