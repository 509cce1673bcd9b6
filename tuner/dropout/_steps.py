"""How far a training is, counted by the layers that change with it."""

from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout.tensors import Tensor


class CountsSteps:
    """A layer whose noise or penalty depends on the share of the training that is done.

    `n_steps` is how many passes with training=True the whole training has; each adds 1 to `step`.
    A layer that a model calls twice in a pass counts two.
    """

    n_steps: RateCell
    step: RateCell

    def count_from(self, n_steps: float) -> None:
        """Begin at 0 of `n_steps`."""
        if n_steps < 1:
            raise ValueError(f"expected n_steps, passes of the whole training, >= 1, got {n_steps}")
        self.n_steps = RateCell(n_steps)
        self.step = RateCell(0.0)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer of a file; one that was saved before steps were counted has its end after one."""
        return super().from_config({"n_steps": 1.0} | config)  # type: ignore[misc]

    def progress(self) -> Tensor:
        """The share of the training that is done, in [0, 1], a float32 scalar tensor."""
        return ops.minimum(1.0, self.step.tensor / self.n_steps.tensor)

    def count(self) -> None:
        """One more pass is done."""
        self.step.scalar.assign(self.step.tensor + 1.0)


def checked_steps(n_steps: float | None, *, needed: bool, layer: keras.layers.Layer) -> float:
    """`n_steps`, or 1 where nothing depends on it; ValueError where something does."""
    if n_steps is None and needed:
        raise ValueError(
            f"{type(layer).__name__} changes over the training: give n_steps, the number of its"
            " steps (epochs x batches an epoch)"
        )
    return 1.0 if n_steps is None else n_steps
