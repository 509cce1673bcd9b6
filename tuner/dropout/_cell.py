"""RateCell: a number that a compiled program reads from a variable."""

from collections.abc import Mapping
from typing import Any

import keras

from tuner.dropout.tensors import Tensor


@keras.saving.register_keras_serializable(package="tuner")
class RateCell(keras.layers.Layer):
    """A float32 scalar outside the graph: assigning it takes effect without a new trace.

    A layer of its own, because Dense and Conv save exactly the weights they know.
    """

    def __init__(self, initial: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial = float(initial)
        self.scalar = self.add_weight(
            name="scalar",
            shape=(),
            dtype="float32",
            initializer=keras.initializers.Constant(self.initial),
            trainable=False,
            autocast=False,
        )
        self.built = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "initial": self.initial}

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Read the value; a file that was written before this cell was added has none."""
        if "0" in store:
            super().load_own_variables(store)

    @property
    def tensor(self) -> Tensor:
        """The value now, a float32 scalar tensor: read it inside `call`."""
        return keras.ops.cast(self.scalar, "float32")

    @property
    def value(self) -> float:
        """The value now, on the host."""
        return float(keras.ops.convert_to_numpy(self.scalar))
