"""Drops whole words: rows of an embedding, for an example wherever they stand in it."""

from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, keep_mask
from tuner.dropout.stochastic import is_noisy, is_sampling
from tuner.dropout.tensors import Shape, Tensor


@keras.saving.register_keras_serializable(package="tuner")
class WordDropout(keras.layers.Wrapper):
    """An Embedding whose rows are dropped, and the others scaled up: ids [batch, ...].

    Args:
        layer: The Embedding.
        rate: Probability that a word is dropped, everywhere in an example, in [0, 1).
        seed: Of the masks.

    Source: Gal & Ghahramani 2016, A Theoretically Grounded Application of Dropout in Recurrent
    Neural Networks, section 4.2.
    """

    cells = ("rate",)

    def __init__(
        self, layer: keras.layers.Layer, rate: float, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(layer, **{"name": layer.name, "dtype": layer.dtype_policy, **kwargs})
        self.rate = RateCell(checked_rate(rate))
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = layer.supports_masking
        self.autocast = False

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        outputs = self.layer(inputs)
        if not is_noisy(training):
            return outputs
        n_rows = ops.shape(inputs)[0]
        shape = (1 if is_sampling() else n_rows, self.layer.input_dim)
        keep = ops.cast(keep_mask(shape, self.rate.tensor, self.seed_generator), "float32")
        keep = ops.broadcast_to(keep, (n_rows, self.layer.input_dim))
        ids = ops.reshape(ops.cast(inputs, "int32"), (n_rows, -1))
        kept = ops.reshape(ops.take_along_axis(keep, ids, axis=1), (*ops.shape(inputs), 1))
        scale = ops.divide_no_nan(1.0, 1.0 - self.rate.tensor)
        return outputs * ops.cast(kept * scale, outputs.dtype)

    def compute_mask(self, inputs: Tensor, mask: Tensor = None) -> Tensor:
        return self.layer.compute_mask(inputs, mask)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate.initial, "seed": self.seed}

    def as_keras(self) -> keras.layers.Layer:
        """The wrapped Embedding."""
        return self.layer
