"""Keras optimizers: by name, or the owner's; Adam with the kernel that TensorFlow has for it."""

from typing import Any

import keras

from tuner.errors import UsageError
from tuner.training.backend import copies, fuse, put
from tuner.training.keras_training import learning_rate_of
from tuner.training.owner import copy_of_optimizer, optimizers_of
from tuner.training.settings import LEARNING_RATE, OPTIMIZER, TrainingSettings


def make_optimizer(name: str) -> keras.optimizers.Optimizer:
    """A Keras optimizer by name; UsageError for an unknown one."""
    try:
        optimizer = keras.optimizers.get(name)
    except ValueError:
        raise UsageError(
            f"training.optimizer: unknown optimizer {name!r} (e.g. adam, adamw, sgd, rmsprop)"
        ) from None
    fuse(optimizer)
    return optimizer


class Driver:
    """What moves the weights of a model: the optimizer that the study says, else the owner's.

    With those that a train_step of the owner's has besides; `load` begins anew with all of them.
    """

    def __init__(self, owner: keras.Model, settings: TrainingSettings) -> None:
        self.is_owners = bool(owner.compiled) and settings.optimizer is None
        self.optimizer = self._chosen(owner, settings)
        fuse(self.optimizer)
        if owner.compiled:
            owner.optimizer = self.optimizer
        others = (each for each in optimizers_of(owner) if each is not self.optimizer)
        self._all = (self.optimizer, *others)
        self._initial: list[Any] = []

    def build(self, variables: list[Any]) -> None:
        """Make the variables for those of a model."""
        self.optimizer.build(variables)

    def remember(self) -> None:
        """What a training begins with is what there is now: nothing has been trained yet."""
        self._initial = copies(self.variables)

    @property
    def variables(self) -> list[Any]:
        """Those of all optimizers of the model."""
        return [v for optimizer in self._all for v in optimizer.variables]

    def load(self, owner: keras.Model) -> None:
        """Begin anew, at the learning rate that another model of the kind was compiled with."""
        put(self.variables, self._initial)
        if self.is_owners and not has_schedule(self.optimizer):
            other = owner.optimizer
            self.optimizer.learning_rate = float(keras.ops.convert_to_numpy(other.learning_rate))

    def set_learning_rate(self, learning_rate: float | None) -> None:
        """From the next step on; None is that of the owner, or else the usual one."""
        if learning_rate is not None or not self.is_owners:
            self.optimizer.learning_rate = learning_rate or LEARNING_RATE

    @property
    def keeps_average(self) -> bool:
        """Whether the average of the weights is what is left of a training."""
        return bool(getattr(self.optimizer, "inner_optimizer", self.optimizer).use_ema)

    def finalize(self, variables: list[Any]) -> None:
        """The training of these is over."""
        if self.keeps_average:
            self.optimizer.finalize_variable_values(variables)

    def _chosen(self, owner: keras.Model, settings: TrainingSettings) -> keras.optimizers.Optimizer:
        if not self.is_owners or owner.optimizer is None:
            return make_optimizer(settings.optimizer or OPTIMIZER)
        weights = [(each, each) for each in owner.trainable_variables]
        if settings.learning_rate is not None and has_schedule(owner.optimizer):
            return _constant(owner.optimizer, weights)
        if owner.optimizer.built:  # for the variables that the model had without a variant
            return copy_of_optimizer(owner.optimizer, weights)
        return owner.optimizer


def _constant(optimizer: keras.optimizers.Optimizer, weights: Any) -> keras.optimizers.Optimizer:
    """The same with a learning rate that is a number, to be set."""
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None:
        return type(optimizer)(
            _constant(inner, weights), optimizer.initial_scale, optimizer.dynamic_growth_steps
        )
    return copy_of_optimizer(optimizer, weights, learning_rate=1e-3)


def has_schedule(optimizer: keras.optimizers.Optimizer) -> bool:
    """Whether the learning rate follows from the step, and cannot be set."""
    return not isinstance(learning_rate_of(optimizer), keras.Variable)


def refuse_schedule(optimizer: keras.optimizers.Optimizer) -> None:
    """UsageError where the learning rate cannot be reduced, as the optimizer has a schedule."""
    if has_schedule(optimizer):
        raise UsageError(
            "training.reduce_lr: the optimizer of the model has a schedule: leave one of them"
        )
