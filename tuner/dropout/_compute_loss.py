"""A loss that needs the targets, added by a layer where Keras trains its model."""

from collections.abc import Callable
from typing import Any

import keras

from tuner.dropout.tensors import Tensor

AddedLoss = Callable[..., Any]
"""(model, x, y, outputs, data_loss) -> a scalar, as `loss` of a Variant."""


def add_in_fit(model: keras.layers.Layer, added: AddedLoss) -> None:
    """Have `compute_loss` of a model add a loss in training, once however often this is called."""
    plain = getattr(model, "compute_loss", None)
    if plain is None or getattr(plain, "added", None) is added:
        return

    def compute_loss(
        x: Tensor = None,
        y: Tensor = None,
        y_pred: Tensor = None,
        sample_weight: Tensor = None,
        training: bool = True,
    ) -> Any:
        def data_loss(y: Tensor, outputs: Tensor) -> Any:
            everything = plain(x=x, y=y, y_pred=outputs, sample_weight=sample_weight)
            return everything - sum(model.losses)

        loss = plain(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        return loss + added(model, x, y, y_pred, data_loss) if training else loss

    compute_loss.added = added  # type: ignore[attr-defined]
    model.compute_loss = compute_loss
