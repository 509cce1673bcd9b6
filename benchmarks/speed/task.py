"""What every contender trains: data, network and epochs."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speed.grid import BATCH, RATES, WIDTHS


@dataclass(frozen=True)
class Task:
    """What is to be trained."""

    file: Path
    model: str
    epochs: int

    @functools.cached_property
    def data(self) -> dict[str, Any]:
        """The arrays of the file, read once a process."""
        import numpy as np

        with np.load(self.file) as arrays:
            return dict(arrays)

    @property
    def fitting(self) -> dict[str, Any]:
        """What model.fit and the search of KerasTuner are given."""
        data = self.data
        return {
            "x": data["x_train"],
            "y": data["y_train"],
            "validation_data": (data["x_validation"], data["y_validation"]),
            "epochs": self.epochs,
            "batch_size": BATCH,
            "verbose": 0,
        }

    def build(self, rate: float, width: int) -> Any:
        import keras
        from speed import networks

        data = self.data
        shape, n_outputs = data["x_train"].shape[1:], int(data["y_train"].max()) + 1
        spec = type("Spec", (), {"input_shape": shape, "n_outputs": n_outputs})
        model = getattr(networks, self.model)({"width": width, "given": rate}, spec)
        optimizer = keras.optimizers.Adam(1e-3)
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def fit(self, rate: float, width: int) -> float:
        """The way of the manual: build, fit, and the accuracy after the last epoch."""
        history = self.build(rate, width).fit(**self.fitting)
        return float(history.history["val_accuracy"][-1])

    def grid(self) -> list[tuple[float, int]]:
        widths = WIDTHS[self.model]
        return [(rate, width) for width in widths for rate in RATES]
