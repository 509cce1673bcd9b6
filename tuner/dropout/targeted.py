"""Drops small weights only: the `target_fraction` smallest of each unit, each with `drop_prob`.

Rate: target_fraction x drop_prob, the expected dropped fraction of all weights
Learns: nothing
Paper: Gomez et al. 2019

y = x (W * keep) + b, not rescaled; ranked anew in every step. `level` "unit" drops whole units of
small norm instead, `ramp` lets both hyperparameters grow over the training, `inference` "pruned"
predicts without the small weights. Learning Sparse Networks Using Targeted Dropout.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import keep_mask
from tuner.dropout._ranking import targets
from tuner.dropout._steps import CountsSteps, checked_steps
from tuner.dropout._weighted import copy_of, finish, frozen, in_place_of, misfit, multiply
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant, nothing
from tuner.errors import UsageError
from tuner.schema import Hyperparameter, Range

LEVELS = ("weight", "unit")
INFERENCES = ("dense", "pruned")


def growth(progress: Tensor) -> tuple[Any, Any]:
    """The shares of `target_fraction` and of `drop_prob` that a ramp has reached.

    The first is at 0.95 after half of the training and at 1 at its end, the second is linear.
    """
    return ops.minimum(1.9 * progress, 0.9 + 0.1 * progress), progress


@keras.saving.register_keras_serializable(package="tuner")
class TargetedDropout(CountsSteps, keras.layers.Wrapper):
    """A Dense or Conv layer that is trained to do without its smallest weights.

    One mask a step; a dropped weight gets no gradient in that step, and is ranked anew in the
    next. The bias is not dropped.

    Args:
        layer: The Dense or Conv layer.
        target_fraction: Share of each unit's weights, the smallest, that may be dropped.
        drop_prob: Probability that each of those is dropped.
        level: "weight", or "unit" for whole units of small norm.
        inference: "dense", or "pruned" to predict without the small weights.
        ramp: Whether both shares grow over the training.
        n_steps: Steps of the whole training; needed with `ramp`.
        seed: Of the masks.

    Source: Gomez et al. 2019, section 4.
    """

    cells = ("target_fraction", "drop_prob", "ramp", "n_steps")

    def __init__(
        self,
        layer: keras.layers.Layer,
        target_fraction: float,
        drop_prob: float,
        *,
        level: str = "weight",
        inference: str = "dense",
        ramp: bool = False,
        n_steps: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(layer, **in_place_of(layer, kwargs))
        _check(target_fraction, drop_prob, level, inference)
        self.target_fraction = RateCell(target_fraction)
        self.drop_prob = RateCell(drop_prob)
        self.ramp = RateCell(ramp)
        self.count_from(checked_steps(n_steps, needed=ramp, layer=self))
        self.level = level
        self.inference = inference
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = layer.supports_masking

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if is_noisy(training):
            kernel = ops.convert_to_tensor(self.layer.kernel)
            kernel = _without(kernel, self._dropped(kernel))
            if training:
                self.count()
        else:
            kernel = self._inference_kernel()
        return finish(self.layer, multiply(self.layer, inputs, kernel))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name).initial for name in self.cells}
        own |= {"ramp": bool(self.ramp.initial), "level": self.level}
        own |= {"inference": self.inference, "seed": self.seed}
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """The wrapped layer as it is at inference: without what is pruned."""
        return frozen(self.layer, self._inference_kernel())

    def _inference_kernel(self) -> Tensor:
        kernel = ops.convert_to_tensor(self.layer.kernel)
        if self.inference != "pruned":
            return kernel
        return _without(kernel, targets(kernel, self.target_fraction.tensor, self.level))

    def _dropped(self, kernel: Tensor) -> Tensor:
        shares = growth(self.progress())
        fraction, drop_prob = (
            cell.tensor * ops.where(self.ramp.tensor > 0, share, 1.0)
            for cell, share in zip((self.target_fraction, self.drop_prob), shares, strict=True)
        )
        each = kernel.shape[:-1] if self.level == "weight" else [1] * (len(kernel.shape) - 1)
        keep = keep_mask([*each, kernel.shape[-1]], drop_prob, self.seed_generator)
        return ops.logical_and(targets(kernel, fraction, self.level), ops.logical_not(keep))


def _without(kernel: Tensor, dropped: Tensor) -> Tensor:
    return ops.where(dropped, ops.zeros_like(kernel), kernel)


def _check(target_fraction: float, drop_prob: float, level: str, inference: str) -> None:
    if not 0 <= target_fraction < 1 or not 0 <= drop_prob <= 1:
        raise ValueError(
            "target_fraction x drop_prob is the probability of dropping: expected"
            " 0 <= target_fraction < 1 and 0 <= drop_prob <= 1,"
            f" got {target_fraction} and {drop_prob}"
        )
    if level not in LEVELS or inference not in INFERENCES:
        raise ValueError(
            f"expected level in {LEVELS} and inference in {INFERENCES},"
            f" got {level!r} and {inference!r}"
        )


def _at(site: Site, values: Values) -> Replacement:
    hps = {name: values[name] for name in VARIANT.hyperparameters if name in values}
    try:
        feeder = TargetedDropout(copy_of(site.feeder), **hps, n_steps=values.get("n_steps"))
    except ValueError as error:
        raise UsageError(f"variant 'targeted': {error}") from None
    return Replacement(nothing(site), feeder=feeder)


def _rate_of(values: Values) -> float:
    return float(values["target_fraction"] * values["drop_prob"])


def _of_rate(values: Values) -> Values:
    fraction, rate = values.get("target_fraction", 0.5), values["rate"]
    if not 0 <= rate <= fraction:
        raise ValueError(
            f"rate is target_fraction x drop_prob: expected 0 <= rate <= {fraction}, got {rate}"
        )
    return {"target_fraction": fraction, "drop_prob": rate / fraction}


def _record(values: Values) -> dict[str, float]:
    """The rate averaged over the training, where a ramp makes it another one."""
    if not values["ramp"]:
        return {}
    fractions, probabilities = growth((np.arange(1000, dtype="float32") + 0.5) / 1000)
    share = ops.convert_to_numpy(fractions * probabilities).mean()
    return {"mean_rate": float(_rate_of(values) * share)}


VARIANT = Variant(
    name="targeted",
    rate=None,
    at=_at,
    kinds=("units",),
    looks=True,
    hyperparameters={
        "target_fraction": Hyperparameter((0.5, 0.75, 0.9)),
        "drop_prob": Hyperparameter(Range(low=0.3, high=0.99)),
        "ramp": Hyperparameter((False, True)),
        "level": Hyperparameter(("weight",), choices=LEVELS),
        "inference": Hyperparameter(("dense",), choices=INFERENCES),
    },
    misfit=misfit,
    rate_of=_rate_of,
    of_rate=_of_rate,
    record=_record,
)
