"""Monte Carlo dropout: predicts with the mean of `passes` noisy networks; trains as its `base`.

Rate: that of the base (standard)
Learns: what its base learns
Paper: Gal & Ghahramani 2016

y = mean over t of f(x, mask_t). A pass is one network, its noise the same for all rows. Classes:
the mean of the probabilities, its entropy, and the mutual information (what the passes disagree on)
in nats. Targets: the mean, its deviation, and the log likelihood at noise precision `tau`, of
standardized targets. Dropout as a Bayesian Approximation, ICML.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout.graph import head
from tuner.dropout.stochastic import sampling
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Hyperparameter, Range

BASES = (
    "standard",
    "spatial",
    "gaussian",
    "alpha",
    "dropconnect",
    "targeted",
    "concrete",
    "variational",
)
OUTPUTS = ("values", "probabilities", "logits", "logit")
_SMALL = 1e-7
_NEVER = 1e30


@keras.saving.register_keras_serializable(package="tuner")
class MonteCarlo(keras.layers.Wrapper):
    """A model [batch, ...] -> [batch, k] whose inference is the mean over noisy passes.

    `outputs` says what the model gives: values, probabilities of classes, their logits, or the one
    logit of two classes. Probabilities are averaged, never logits; the result is of the same kind.
    """

    cells = ("tau",)

    def __init__(
        self, layer: keras.Model, passes: int, outputs: str, tau: float = 1.0, **kwargs: Any
    ) -> None:
        super().__init__(layer, **kwargs)
        _check(passes, tau)
        if outputs not in OUTPUTS:
            raise ValueError(f"expected outputs of {OUTPUTS}, got {outputs!r}")
        self.passes = int(passes)
        self.outputs = outputs
        self.tau = RateCell(tau)

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training:
            return self.layer(inputs, training=True)
        mean = self.mean(inputs, lambda sample: sample, 1)
        return ops.cast(self._from_probabilities(mean), self.compute_dtype)

    def sample(self, inputs: Any, number: Any) -> Any:
        """Pass `number` over `inputs`, [batch, k] in float32: probabilities, or values."""
        with sampling(number):
            outputs = ops.cast(self.layer(inputs, training=False), "float32")
        if self.outputs == "logits":
            return ops.softmax(outputs)
        return ops.sigmoid(outputs) if self.outputs == "logit" else outputs

    def mean(self, inputs: Any, of: Callable[[Any], Any], n_parts: int) -> Any:
        """The mean over the passes of a function of a pass, [batch, n_parts * k]."""
        shape = (ops.shape(inputs)[0], n_parts * int(self.layer.output_shape[-1]))

        def add(number: Any, total: Any) -> Any:
            return total + of(self.sample(inputs, number))

        return ops.fori_loop(0, self.passes, add, ops.zeros(shape, "float32")) / self.passes

    def _from_probabilities(self, mean: Any) -> Any:
        if self.outputs == "logits":
            return ops.log(ops.maximum(mean, _SMALL))
        if self.outputs == "logit":
            mean = ops.clip(mean, _SMALL, 1.0 - _SMALL)
            return ops.log(mean) - ops.log1p(-mean)
        return mean

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        own = {"passes": self.passes, "outputs": self.outputs, "tau": self.tau.initial}
        return {**super().get_config(), **own}


def uncertainty(layer: MonteCarlo, inputs: Any) -> tuple[Any, Any]:
    """The entropy of the mean prediction and the mutual information, [batch] each, in nats.

    Entropy of the mean = mean entropy of the passes + mutual information; the latter lies between
    0, where all passes agree, and log(number of classes).
    """

    def plogp(p: Any) -> Any:
        return -p * ops.log(ops.maximum(p, _SMALL))

    def parts(sample: Any) -> Any:
        both = ops.concatenate([sample, 1.0 - sample], axis=-1) if _is_binary(layer) else sample
        return ops.concatenate([both, plogp(both)], axis=-1)

    n_parts = 4 if _is_binary(layer) else 2
    mean, entropies = ops.split(layer.mean(inputs, parts, n_parts), 2, axis=-1)
    total = ops.sum(plogp(mean), axis=-1)
    return total, ops.maximum(0.0, total - ops.sum(entropies, axis=-1))


def log_likelihood(layer: MonteCarlo, inputs: Any, targets: Any) -> tuple[Any, Any]:
    """The log likelihood of targets [batch, k] and the deviation of the prediction, [batch] each.

    log p(y) = log mean_t N(y; y_t, 1 / tau), summed over the k targets; variance = 1 / tau + that
    of the passes, the deviation the mean over the k of its root (Gal & Ghahramani, appendix 4).
    """
    tau, targets = layer.tau.tensor, ops.cast(targets, "float32")
    constant = 0.5 * (ops.log(tau) - math.log(2.0 * math.pi))

    def add(number: Any, totals: tuple[Any, Any, Any]) -> tuple[Any, Any, Any]:
        mean, square, density = totals
        sample = layer.sample(inputs, number)
        here = -0.5 * tau * ops.square(targets - sample)
        return mean + sample, square + ops.square(sample), ops.logaddexp(density, here)

    nothing = ops.zeros_like(targets)
    totals = ops.fori_loop(0, layer.passes, add, (nothing, nothing, nothing - _NEVER))
    mean, square = (total / layer.passes for total in totals[:2])
    variance = 1.0 / tau + ops.maximum(0.0, square - ops.square(mean))
    likelihood = totals[2] - math.log(layer.passes) + constant
    return ops.sum(likelihood, axis=-1), ops.mean(ops.sqrt(variance), axis=-1)


def _is_binary(layer: MonteCarlo) -> bool:
    return int(layer.layer.output_shape[-1]) == 1


def _check(passes: float, tau: float) -> None:
    if passes < 1 or passes != int(passes) or tau <= 0:
        raise ValueError(f"expected a number of passes >= 1 and tau > 0, got {passes} and {tau}")


def _over(base: Variant) -> Variant:
    def at(site: Site, values: Values) -> Replacement:
        _check(values["passes"], values["tau"])
        return base.at(site, values)

    def loss(model: keras.Model, *batch: Any) -> Any:
        return base.loss(_layer(model).layer, *batch) if base.loss else 0.0

    return replace(
        base,
        name="mc",
        at=at,
        hyperparameters=VARIANT.hyperparameters,
        loss=None if base.loss is None else loss,
        wrap=_wrap,
        measure=_measure,
    )


def _wrap(model: keras.Model, values: Values) -> keras.Model:
    kind, n_outputs = head(model)
    outputs = "values"
    if values["task"] == "classification":
        outputs = "logit" if kind == "logits" and n_outputs == 1 else kind
    inputs = keras.Input(batch_shape=model.input_shape, dtype=model.inputs[0].dtype)
    layer = MonteCarlo(model, values["passes"], outputs, values["tau"], name="monte_carlo")
    return keras.Model(inputs, layer(inputs))


def _measure(model: keras.Model, x: Any, y: Any) -> dict[str, Any]:
    layer = _layer(model)
    if layer.outputs == "values":
        likelihood, deviation = log_likelihood(layer, x, y)
        return {"log_likelihood": likelihood, "predictive_deviation": deviation}
    entropy, information = uncertainty(layer, x)
    return {"predictive_entropy": entropy, "mutual_information": information}


def _layer(model: keras.Model) -> MonteCarlo:
    layer: MonteCarlo = model.layers[-1]
    return layer


VARIANT = Variant(
    name="mc",
    rate=Range(low=0.0, high=0.8),
    over=_over,
    hyperparameters={
        "base": Hyperparameter(("standard",), choices=BASES),
        "passes": Hyperparameter(10),
        "tau": Hyperparameter(1.0),
    },
)
