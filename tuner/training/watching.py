"""Keras callbacks around the loop: those of a module, and the two that [training] has keys for."""

from collections.abc import Mapping
from typing import Any

import keras

from tuner import importer
from tuner.errors import UsageError
from tuner.training.naming import Direction
from tuner.training.optimizers import refuse_schedule
from tuner.training.settings import TrainingSettings

_EVERY_BATCH = (
    "on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end",
    "on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end",
)  # fmt: skip


class Watch:
    """The callbacks of one training, called as `model.fit` calls them; none where none are asked.

    `is_stepwise`: one of them is to be called at every batch, or around the evaluation.
    """

    def __init__(self, callbacks: list[keras.callbacks.Callback]) -> None:
        self._callbacks = callbacks
        self._called: Any = None
        self.is_stepwise = any(map(_is_called_often, callbacks))

    def begin(self, model: keras.Model, optimizer: keras.optimizers.Optimizer, epochs: int) -> None:
        """The training begins; they see `model`, whose optimizer that is."""
        if self._callbacks:
            model.optimizer, model.stop_training = optimizer, False
            self._called = keras.callbacks.CallbackList(
                self._callbacks, add_history=False, model=model, epochs=epochs, verbose=0
            )
            self._called.on_train_begin()

    def call(self, hook: str, *given: Any) -> None:
        """Call a hook of all of them, as "on_epoch_begin"."""
        if self._called is not None:
            getattr(self._called, hook)(*given)

    @property
    def has_stopped(self) -> bool:
        """Whether one of them has ended the training."""
        return self._called is not None and bool(self._called.model.stop_training)


def watch_for(
    settings: TrainingSettings,
    metric: str,
    direction: Direction,
    optimizer: keras.optimizers.Optimizer,
) -> Watch:
    """The callbacks that the settings ask for.

    Raises UsageError where what they name gives none, or a rate is to be reduced that cannot be.
    """
    found: list[keras.callbacks.Callback] = []
    if settings.early_stopping is not None:
        mode, patience = direction[:3], settings.early_stopping
        best = {"monitor": f"val_{metric}", "mode": mode, "restore_best_weights": True}
        found.append(keras.callbacks.EarlyStopping(patience=patience, **best))
    if settings.reduce_lr is not None:
        refuse_schedule(optimizer)
        found.append(keras.callbacks.ReduceLROnPlateau("val_loss", patience=settings.reduce_lr))
    return Watch(found + _of_module(settings.callbacks))


def logs_of(metrics: Mapping[str, float], *others: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of an epoch by the names of Keras, those of the compile too."""
    named = {name.removeprefix("train_"): value for name, value in metrics.items()}
    trained, judged = ({name: float(each) for name, each in other.items()} for other in others)
    return {**trained, **{f"val_{name}": each for name, each in judged.items()}, **named}


def _of_module(reference: str | None) -> list[keras.callbacks.Callback]:
    if reference is None:
        return []
    given = importer.load(reference)
    found = given() if callable(given) else given
    found = [found] if isinstance(found, keras.callbacks.Callback) else found
    kinds = isinstance(found, list | tuple) and [
        isinstance(c, keras.callbacks.Callback) for c in found
    ]
    if not kinds or not all(kinds):
        raise UsageError(
            f"training.callbacks {reference!r}: expected a function that gives a list of"
            f" keras.callbacks.Callback, got {found!r}"
        )
    return list(found)


def _is_called_often(callback: keras.callbacks.Callback) -> bool:
    plain = keras.callbacks.Callback
    return any(
        getattr(type(callback), name) is not getattr(plain, name) or name in vars(callback)
        for name in _EVERY_BATCH
    )
