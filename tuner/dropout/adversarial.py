"""Trains against the worst mask too: the few units whose dropping raises the loss the most.

Rate: budget, the largest share of units that the worst mask may flip (at least one)
Learns: nothing
Paper: Park et al. 2018

loss + <divergence>_weight * D(worst mask), found by one step along the slope of D. Only the last
site of the model is masked (whole maps after a convolution), the others become the identity. "sadd"
is the loss on the targets; "kl" and "qe" how far the output is from that under another mask of
`base_rate`. Adversarial Dropout for Supervised and Semi-Supervised Learning, AAAI.
"""

import math
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._noise import checked_rate, keep_mask, noise_shape_of
from tuner.dropout._ranking import lowest
from tuner.dropout.graph import head
from tuner.dropout.spatial import noise_shape
from tuner.dropout.variant import PerExampleLoss, Replacement, Site, Values, Variant
from tuner.schema import Hyperparameter, Range

DIVERGENCES = ("sadd", "kl", "qe")
_WEIGHTS = {"sadd": 1.0, "kl": 1.0, "qe": 10.0}
_BETWEEN_OUTPUTS = ("kl", "qe")
_SMALL = 1e-7


class _Masks:
    """The mask that a pass must use, if any, and the one that it used: tensors of one trace."""

    given: Any = None
    used: Any = None


@keras.saving.register_keras_serializable(package="tuner")
class AdversarialDropout(keras.layers.Layer):
    """x * mask * H / sum(mask) in training, one mask an example of H units or maps.

    The mask is drawn at `base_rate` unless `masks.given` holds one; `VARIANT.loss` finds the worst
    within the budget of `rate` and adds its loss.
    """

    cells = ("rate", "weight", "base_rate")

    def __init__(
        self,
        rate: float,
        divergence: str = "sadd",
        weight: float = 1.0,
        base_rate: float = 0.0,
        noise_shape: tuple[int | None, ...] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if divergence not in DIVERGENCES or weight < 0:
            raise ValueError(
                f"expected a divergence of {DIVERGENCES} and weight >= 0, got {divergence!r} and"
                f" {weight}"
            )
        if divergence in _BETWEEN_OUTPUTS and base_rate == 0:
            raise ValueError(
                f"divergence {divergence!r} compares two random masks: expected base_rate > 0,"
                " got 0 (the gradient at two equal masks is 0)"
            )
        self.divergence = divergence
        self.rate = RateCell(checked_rate(rate))
        self.weight = RateCell(weight)
        self.base_rate = RateCell(checked_rate(base_rate))
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.masks = _Masks()
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if not training:
            return inputs
        mask = self.masks.given
        if mask is None:
            mask = self.draw(inputs)
        self.masks.used = mask
        return inputs * ops.cast(renormalised(mask), inputs.dtype)

    def draw(self, inputs: Any) -> Any:
        """A mask of 0 and 1 for every example, float32, 0 with probability `base_rate`."""
        shape = noise_shape_of(inputs, self.noise_shape)
        return ops.cast(keep_mask(shape, self.base_rate.tensor, self.seed_generator), "float32")

    def worst(self, mask: Any, slopes: Any) -> Any:
        """`mask` with the flips within the budget that raise the loss the most, to first order.

        `slopes` is the loss by the mask, for each example. Flipping 1 to 0 pays where it is below
        0, 0 to 1 where it is above; no more flips than pay.
        """
        rows = (-1, n_units(mask))
        flat, slopes = ops.reshape(mask, rows), ops.reshape(slopes, rows)
        gains = ops.maximum(slopes * (1.0 - 2.0 * flat), 0.0)
        losses = ops.transpose(ops.max(gains, axis=-1, keepdims=True) - gains)
        most = ops.transpose(lowest(losses, self.budget(rows[1])))
        flips = ops.logical_and(most, gains > 0)
        flipped = ops.where(flips, 1.0 - flat, flat)
        return ops.stop_gradient(ops.reshape(flipped, ops.shape(mask)))

    def budget(self, n: int) -> Any:
        """How many of n units may be flipped: floor(rate * n), at least 1 where rate > 0."""
        rate = self.rate.tensor
        allowed = ops.floor(rate * n + _SMALL * n)
        return ops.where(rate > 0, ops.maximum(1.0, allowed), 0.0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {
            "rate": self.rate.initial,
            "divergence": self.divergence,
            "weight": self.weight.initial,
            "base_rate": self.base_rate.initial,
            "noise_shape": self.noise_shape,
            "seed": self.seed,
        }
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """The identity: the worst mask is for training only."""
        return keras.layers.Identity(name=self.name)


def n_units(mask: Any) -> int:
    """H, the entries of the mask of an example."""
    return math.prod(mask.shape[1:])


def renormalised(mask: Any) -> Any:
    """The mask times H / sum(mask) for each example: the scale of the released code."""
    axes = tuple(range(1, len(mask.shape)))
    n_kept = ops.sum(mask, axis=axes, keepdims=True)
    return mask * ops.divide_no_nan(float(n_units(mask)), n_kept)


def divergence(kind: str, model: keras.Model, y: Any, target: Any, outputs: Any) -> Any:
    """How far outputs are from `target`, outputs under another mask, [batch].

    "kl" between the predicted distributions (of targets: normal ones of unit variance), "qe" the
    mean squared difference of probabilities, or of values.
    """
    target, outputs = (ops.cast(each, "float32") for each in (target, outputs))
    if "int" not in keras.backend.standardize_dtype(y.dtype):
        squares = ops.square(target - outputs)
        return 0.5 * ops.sum(squares, -1) if kind == "kl" else ops.mean(squares, -1)
    p, q = (_probabilities(model, each) for each in (target, outputs))
    if kind == "qe":
        return ops.mean(ops.square(p - q), axis=-1)
    p, q = (ops.maximum(each, _SMALL) for each in (p, q))
    return ops.sum(p * (ops.log(p) - ops.log(q)), axis=-1)


def _probabilities(model: keras.Model, outputs: Any) -> Any:
    kind, n_outputs = head(model)
    if n_outputs == 1:
        one = ops.sigmoid(outputs) if kind == "logits" else outputs
        return ops.concatenate([one, 1.0 - one], axis=-1)
    return ops.softmax(outputs) if kind == "logits" else outputs


def _loss(
    model: keras.Model, x: Any, y: Any, outputs: Any, per_example_loss: PerExampleLoss
) -> Any:
    """Weight x the mean D of the worst masks; the moving statistics of the model stay as they are.

    Two more passes: one that gives the slopes of D by the mask, one with the worst mask.
    """
    (layer,) = (each for each in model._flatten_layers() if isinstance(each, AdversarialDropout))
    target = ops.stop_gradient(outputs)

    def distance(found: Any) -> Any:
        if layer.divergence == "sadd":
            return per_example_loss(y, found)
        return divergence(layer.divergence, model, y, target, found)

    first = layer.masks.used
    if layer.divergence in _BETWEEN_OUTPUTS:
        first = ops.cast(
            keep_mask(ops.shape(first), layer.base_rate.tensor, layer.seed_generator), "float32"
        )
    statistics = [ops.copy(weight) for weight in model.non_trainable_weights]
    try:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(first)
            layer.masks.given = first
            total = ops.sum(distance(model(x, training=True)))
        layer.masks.given = layer.worst(first, tape.gradient(total, first))
        worst = distance(model(x, training=True))
    finally:
        layer.masks.given = None
    for weight, value in zip(model.non_trainable_weights, statistics, strict=True):
        weight.assign(value)
    return layer.weight.tensor * ops.mean(worst)


def _at(site: Site, values: Values) -> Replacement:
    if not site.is_last:
        return Replacement(keras.layers.Identity(name=site.name))
    kind = values.get("divergence", "sadd")
    layer = AdversarialDropout(
        values["rate"],
        kind,
        values.get(f"{kind}_weight", _WEIGHTS.get(kind, 1.0)),
        values.get("base_rate", 0.0),
        noise_shape=noise_shape(site),
        name=site.name,
    )
    return Replacement(layer)


VARIANT = Variant(
    name="adversarial",
    rate=Range(low=0.005, high=0.3, log=True),
    at=_at,
    hyperparameters={
        "divergence": Hyperparameter(("sadd",), choices=DIVERGENCES),
        "sadd_weight": Hyperparameter(
            Range(low=0.1, high=3.0, log=True), when=("divergence", ("sadd",))
        ),
        "kl_weight": Hyperparameter(
            Range(low=0.1, high=10.0, log=True), when=("divergence", ("kl",))
        ),
        "qe_weight": Hyperparameter(
            Range(low=1.0, high=50.0, log=True), when=("divergence", ("qe",))
        ),
        "base_rate": Hyperparameter(0.25, when=("divergence", _BETWEEN_OUTPUTS)),
    },
    one_rate=True,
    loss=_loss,
)
