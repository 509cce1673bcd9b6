"""How many examples train a model: given, or told by `fit`."""

import functools
import inspect
import math
from collections.abc import Mapping
from typing import Any

import keras

from tuner.dropout._cell import RateCell
from tuner.dropout.keras_internals import all_layers
from tuner.dropout.tensors import Tensor


class CountsExamples:
    """A layer whose penalty is of one of `n_train` training examples; 0 of them are not known."""

    n_train: RateCell

    def count_examples(self, n_train: int | None) -> None:
        """Take the number; None is told later. ValueError where there are none."""
        if n_train is not None and n_train <= 0:
            raise ValueError(f"expected n_train > 0, got {n_train}")
        self.n_train = RateCell(n_train or 0.0)

    def tell(self, n_train: int) -> None:
        """The number is this from now on, in files of the model too."""
        self.n_train.initial = float(n_train)
        self.n_train.scalar.assign(float(n_train))

    def n_examples(self) -> Tensor:
        """The number, a float32 scalar tensor; ValueError where nobody has told it."""
        if not self.n_train.initial:
            raise ValueError(
                f"{type(self).__name__} weighs its penalty by the number of training examples,"
                " which fit tells it of arrays: give n_train=..."
            )
        return self.n_train.tensor


def told_by_fit(model: keras.Model) -> None:
    """Have `fit` of a model tell its layers the number of rows of the arrays that it is given."""
    layers = [each for each in all_layers(model) if isinstance(each, CountsExamples)]
    if not layers:
        return
    plain = model.fit
    signature = inspect.signature(plain)

    @functools.wraps(plain)
    def fit(*given: Any, **named: Any) -> Any:
        n_train = _rows(signature.bind(*given, **named).arguments)
        for layer in layers:
            if n_train:
                layer.tell(n_train)
        return plain(*given, **named)

    model.fit = fit


def _rows(arguments: Mapping[str, Any]) -> int:
    """How many rows `fit` trains on; 0 where they are no arrays."""
    leaves = keras.tree.flatten(arguments.get("x"))
    shape = getattr(leaves[0], "shape", None) if leaves else None
    validation = arguments.get("validation_data") is None and arguments.get("validation_split")
    return math.floor(int(shape[0]) * (1.0 - (validation or 0.0))) if shape else 0
