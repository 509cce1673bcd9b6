"""Trains against the worst mask too: the few units whose dropping raises the loss the most.

Rate: budget, the largest share of units that the worst mask may flip (at least one)
Learns: nothing
Paper: Park et al. 2018

loss + <divergence>_weight * D(worst mask), found by one step along the slope of D. Only the last
site of the model is masked (whole maps after a convolution), the others become the identity. "sadd"
is the loss on the targets; "kl" and "qe" how far the output is from that under another mask of
`base_rate`. Adversarial Dropout for Supervised and Semi-Supervised Learning, AAAI.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._compute_loss import add_in_fit
from tuner.dropout._divergence import divergence
from tuner.dropout._masks import renormalised, worst_mask
from tuner.dropout._noise import checked_rate, keep_mask, noise_shape_of
from tuner.dropout.keras_internals import all_layers, entry_of
from tuner.dropout.spatial import noise_shape
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import HIDDEN, DataLoss, Replacement, Site, Values, Variant, nothing
from tuner.schema import Hyperparameter, Range

DIVERGENCES = ("sadd", "kl", "qe")
_WEIGHTS = {"sadd": 1.0, "kl": 1.0, "qe": 10.0}
_BETWEEN_OUTPUTS = ("kl", "qe")
_SMALL = 1e-7


class _Masks:
    """The mask that a pass must use, if any, and the one that it used: tensors of one trace."""

    given: Tensor = None
    used: Tensor = None


@keras.saving.register_keras_serializable(package="tuner")
class AdversarialDropout(keras.layers.Layer):
    """x * mask * H / sum(mask) in training, one mask an example of H units or maps.

    The mask is drawn at `base_rate`. To the loss of the model comes `weight` times D under the
    worst mask, which differs from the drawn one by `rate` of the units at most: two more passes of
    the model. The layer sees to it in `fit` (TensorFlow's): the first pass wraps `compute_loss` of
    the model. A model has one such layer.

    Args:
        rate: The largest share of units that the worst mask may flip (at least one).
        divergence: D: "sadd", the loss on the targets; "kl" or "qe", between the outputs.
        weight: Factor of D.
        base_rate: Rate of the drawn mask; above 0 for "kl" and "qe".
        noise_shape: As of keras.layers.Dropout; entries that are None take the size of the input.
        seed: Of the drawn masks.

    Source: Park et al. 2018, equations 4 to 8 and algorithm 1.
    """

    cells = ("rate", "weight", "base_rate")

    def __init__(
        self,
        rate: float,
        *,
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

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if not training:
            return inputs
        add_in_fit(entry_of(self), worst_loss)
        mask = self.masks.given
        if mask is None:
            mask = self.draw(inputs)
        self.masks.used = mask
        return inputs * ops.cast(renormalised(mask), inputs.dtype)

    def draw(self, inputs: Tensor) -> Tensor:
        """A mask of 0 and 1 for every example, float32, 0 with probability `base_rate`."""
        shape = noise_shape_of(inputs, self.noise_shape)
        return ops.cast(keep_mask(shape, self.base_rate.tensor, self.seed_generator), "float32")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name).initial for name in self.cells}
        own |= {name: getattr(self, name) for name in ("divergence", "noise_shape", "seed")}
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """The identity: the worst mask is for training only."""
        return keras.layers.Identity(name=self.name)


def worst_loss(
    model: keras.Model, x: Tensor, y: Tensor, outputs: Tensor, data_loss: DataLoss
) -> Tensor:
    """Weight x the mean D of the worst masks; the moving statistics of the model stay as they are.

    Two more passes: one that gives the slopes of D by the mask, one with the worst mask. `outputs`
    are those of the pass before, `data_loss(y, outputs)` gives [batch], or their mean.
    """
    (layer,) = (each for each in all_layers(model) if isinstance(each, AdversarialDropout))
    target = ops.stop_gradient(outputs)

    def distance(found: Tensor) -> Any:
        if layer.divergence == "sadd":
            return data_loss(y, found)
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
        layer.masks.given = worst_mask(first, tape.gradient(total, first), layer.rate.tensor)
        worst = distance(model(x, training=True))
    finally:
        layer.masks.given = None
    for weight, value in zip(model.non_trainable_weights, statistics, strict=True):
        weight.assign(value)
    return layer.weight.tensor * ops.mean(worst)


def _at(site: Site, values: Values) -> Replacement:
    if not site.is_last:
        return Replacement(nothing(site))
    kind = values.get("divergence", "sadd")
    layer = AdversarialDropout(
        values["rate"],
        divergence=kind,
        weight=values.get(f"{kind}_weight", _WEIGHTS.get(kind, 1.0)),
        base_rate=values.get("base_rate", 0.0),
        noise_shape=noise_shape(site),
        name=site.name,
    )
    return Replacement(layer)


VARIANT = Variant(
    name="adversarial",
    rate=Range(low=0.005, high=0.3, log=True),
    at=_at,
    kinds=HIDDEN,
    looks=True,
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
    loss=worst_loss,
)
