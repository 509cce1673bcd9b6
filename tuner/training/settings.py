"""How a model is trained."""

from typing import Literal

from pydantic import Field

from tuner.schema import MOST, Table

OPTIMIZER = "adam"
LEARNING_RATE = 1e-3


class TrainingSettings(Table):
    """Epochs and steps; `batch_size`, `optimizer`, `learning_rate` can be searched.

    Without a word the optimizer is that of the model's compile, else Adam at `LEARNING_RATE`.
    `class_weight` is "balanced" or a weight by class. `callbacks` names a `module:function` that
    gives Keras callbacks; `early_stopping` and `reduce_lr` are epochs to wait for a better one.
    With `weights` "keep" those that the model comes with are where a training begins.

    A training that takes more than `max_seconds`, or `max_epoch_seconds` from one epoch to the
    next, or whose process has more than `max_memory` GB, is ended by the process that leads it.
    """

    epochs: int = Field(20, ge=1, le=MOST)
    batch_size: int = Field(128, ge=1, le=MOST)
    optimizer: str | None = None
    learning_rate: float | None = Field(None, gt=0, allow_inf_nan=False)
    class_weight: Literal["balanced"] | dict[str, float] | None = None
    callbacks: str | None = None
    early_stopping: int | None = Field(None, ge=1, le=MOST)
    reduce_lr: int | None = Field(None, ge=1, le=MOST)
    weights: Literal["fresh", "keep"] = "fresh"
    max_seconds: float | None = Field(None, gt=0, allow_inf_nan=False)
    max_epoch_seconds: float | None = Field(None, gt=0, allow_inf_nan=False)
    max_memory: float | None = Field(None, gt=0, allow_inf_nan=False)

    @property
    def limits(self) -> dict[str, float | None]:
        """What a training may take, which changes nothing of what it comes to."""
        names = ("max_seconds", "max_epoch_seconds", "max_memory")
        return {name: getattr(self, name) for name in names}

    @property
    def is_watched(self) -> bool:
        """Whether callbacks are called, whose state is in no checkpoint."""
        return (self.callbacks, self.early_stopping, self.reduce_lr) != (None, None, None)

    @property
    def keeps_others(self) -> bool:
        """Whether the weights at the end may be others than those of the last epoch."""
        return self.callbacks is not None or self.early_stopping is not None
