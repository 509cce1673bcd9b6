"""A dropout whose rate follows a schedule over the training: standard, or another `base`.

Rate: peak of the schedule
Learns: nothing
Paper: Rennie et al. 2014, Morerio et al. 2017, Liu et al. 2023

rate(s) = rate * share(s), s the share of the training that is done: linear_down 1 - s, linear_up s,
cosine_down (1 + cos(pi s)) / 2, annealed_exp exp(-steepness s), curriculum 1 - exp(-steepness s),
early_constant 1 before the cutoff, early_linear 1 - s / cutoff before it, late 1 from the cutoff
on. Annealed Dropout, SLT; Curriculum Dropout, ICCV; Dropout Reduces Underfitting, ICML.
"""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops

from tuner.dropout import standard
from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate
from tuner.dropout._steps import CountsSteps, checked_steps
from tuner.dropout.keras_internals import weights_filed_as
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Hyperparameter, Range

SHAPES = (
    "constant",
    "linear_down",
    "linear_up",
    "cosine_down",
    "annealed_exp",
    "curriculum",
    "early_linear",
    "early_constant",
    "late",
)
BASES = ("standard", "spatial", "gaussian", "alpha", "dropconnect")
"""The variants with a rate to set: those that learn theirs have none."""

_WITH_STEEPNESS = ("annealed_exp", "curriculum")
_WITH_CUTOFF = ("early_linear", "early_constant", "late")
_DEFAULTS = {"cutoff": 0.25, "steepness": 10.0}
_HYPERPARAMETERS = ("shape", *_DEFAULTS)


def share_of_peak(progress: Tensor, cutoff: Tensor, steepness: Tensor) -> list[Any]:
    """rate(t) / peak for every shape, in the order of SHAPES; `progress` = step / all steps."""
    before = ops.cast(progress < cutoff, "float32")
    return [
        ops.ones_like(progress),
        1.0 - progress,
        progress,
        0.5 * (1.0 + ops.cos(np.pi * progress)),
        ops.exp(-steepness * progress),
        1.0 - ops.exp(-steepness * progress),
        before * (1.0 - progress / cutoff),
        before,
        1.0 - before,
    ]


@keras.saving.register_keras_serializable(package="tuner", name="Scheduled")
@weights_filed_as("Scheduled")
class ScheduledDropout(CountsSteps, keras.layers.Wrapper):
    """A dropout layer whose rate is `rate * share_of_peak(progress)` in every noisy pass.

    Args:
        layer: A dropout layer of ours with a rate to set, such as Dropout, or DropConnect.
        rate: The peak of the schedule, in [0, 1).
        n_steps: Steps of the whole training: epochs x batches an epoch.
        shape: One of SHAPES.
        cutoff: Share of the training at which "early_..." end and "late" begins.
        steepness: Of "annealed_exp" and "curriculum".

    Source: Rennie et al. 2014, Morerio et al. 2017, Liu et al. 2023.
    """

    cells = ("rate", "shape", "cutoff", "steepness", "n_steps")

    def __init__(
        self,
        layer: keras.layers.Layer,
        rate: float,
        n_steps: float | None = None,
        *,
        shape: str = "linear_down",
        cutoff: float = 0.25,
        steepness: float = 10.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(layer, **{"name": layer.name, "dtype": layer.dtype_policy, **kwargs})
        if shape not in SHAPES or cutoff <= 0:
            raise ValueError(
                f"expected a shape of {SHAPES} and cutoff > 0, got {shape!r}, {cutoff}"
            )
        self.rate = RateCell(checked_rate(rate))
        self.shape = RateCell(SHAPES.index(shape))
        self.cutoff = RateCell(cutoff)
        self.steepness = RateCell(steepness)
        self.count_from(checked_steps(n_steps, needed=shape != "constant", layer=self))
        self.supports_masking = layer.supports_masking

    def rate_now(self) -> Tensor:
        """The rate at this step, a float32 scalar tensor."""
        shares = ops.stack(
            share_of_peak(self.progress(), self.cutoff.tensor, self.steepness.tensor)
        )
        return self.rate.tensor * ops.take(shares, ops.cast(self.shape.tensor, "int32"))

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if is_noisy(training):
            self.layer.rate.scalar.assign(self.rate_now())
        if training:
            self.count()
        return self.layer(inputs, training=training)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        own = {
            "rate": self.rate.initial,
            "shape": SHAPES[int(self.shape.initial)],
            "cutoff": self.cutoff.initial,
            "steepness": self.steepness.initial,
            "n_steps": self.n_steps.initial,
        }
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own layer with the rate as it is now: its layers know no schedule."""
        return self.layer.as_keras()


def _over(base: Variant) -> Variant:
    def at(site: Site, values: Values) -> Replacement:
        hps = {name: values[name] for name in _HYPERPARAMETERS if name in values}
        found = (base if site.kind in base.kinds else standard.VARIANT).at(site, values)
        place = "feeder" if hasattr(found.feeder, "cells") else "layer"
        layer = getattr(found, place)
        layer = ScheduledDropout(layer, values["rate"], values.get("n_steps"), **hps)
        return replace(found, **{place: layer})

    return replace(VARIANT, at=at, rate=base.rate, looks=base.looks, misfit=base.misfit_of)


def _warmup(values: Values) -> float:
    if values["shape"] not in _WITH_CUTOFF:
        return 0.0
    return float(values.get("cutoff", _DEFAULTS["cutoff"]))


def _record(values: Values) -> dict[str, float]:
    """The rate averaged over the training: what 'matched mean' comparisons need."""
    hps = _DEFAULTS | dict(values)
    progress = (np.arange(1000, dtype="float32") + 0.5) / 1000
    shares = share_of_peak(ops.convert_to_tensor(progress), hps["cutoff"], hps["steepness"])
    share = ops.convert_to_numpy(shares[SHAPES.index(values["shape"])]).mean()
    return {"mean_rate": float(values["rate"] * share)}


VARIANT = Variant(
    name="scheduled",
    rate=Range(low=0.0, high=0.8),
    over=_over,
    hyperparameters={
        "base": Hyperparameter(("standard",), choices=BASES),
        "shape": Hyperparameter(SHAPES),
        "cutoff": Hyperparameter(Range(low=0.1, high=0.5), when=("shape", _WITH_CUTOFF)),
        "steepness": Hyperparameter(
            Range(low=3.0, high=30.0, log=True), when=("shape", _WITH_STEEPNESS)
        ),
    },
    warmup=_warmup,
    record=_record,
)
