"""Monte Carlo dropout: predicts with the mean of `passes` noisy networks; trains as its `base`.

Rate: that of the base (standard)
Learns: what its base learns
Paper: Gal & Ghahramani 2016

y = mean over t of f(x, mask_t). A pass is one network, its noise the same for all rows. Classes:
the mean of the probabilities, its entropy, and the mutual information (what the passes disagree on)
in nats. Targets: the mean, its deviation, and the `nll`, -log of the mean over t of the normal
densities around f(x, mask_t) of precision `tau`, that of standardized targets. Dropout as a
Bayesian Approximation, ICML.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout.graph import ends_in_probabilities
from tuner.dropout.keras_internals import input_of, is_model, weights_filed_as
from tuner.dropout.recorded import ends_in_classes
from tuner.dropout.stochastic import sampling
from tuner.dropout.tensors import Tensor
from tuner.dropout.uncertainty import predictive, uncertainty
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.errors import UsageError
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


@keras.saving.register_keras_serializable(package="tuner", name="MonteCarlo")
@weights_filed_as("MonteCarlo")
class MCDropout(keras.layers.Wrapper):
    """A model of one output [batch, ..., k] whose inference is the mean over noisy passes.

    Probabilities are averaged, never logits; the result is of the same kind as the model's.

    Args:
        layer: A model with dropout of ours inside; it is trained as it stands.
        passes: Noisy networks that a prediction is the mean of.
        outputs: What the model gives: "values", "probabilities" of classes, their "logits", or
            "logit", the one of two classes.
        tau: Precision of the noise of the targets, of "values".

    Source: Gal & Ghahramani 2016, section 4 and appendix 4.
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

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """None: those that the model inside is compiled with count nothing in another one."""
        return []

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if training:
            return self.layer(inputs, training=True)
        mean = self.mean(inputs, lambda sample: sample)
        return ops.cast(self._from_probabilities(mean), self.compute_dtype)

    def sample(self, inputs: Tensor, number: Tensor) -> Tensor:
        """Pass `number` over `inputs`, float32: probabilities, or values."""
        with sampling(number):
            outputs = ops.cast(self.layer(inputs, training=False), "float32")
        if self.outputs == "logits":
            return ops.softmax(outputs)
        return ops.sigmoid(outputs) if self.outputs == "logit" else outputs

    def mean(self, inputs: Tensor, of: Callable[[Any], Any]) -> Tensor:
        """The mean over the passes of a function of a pass."""

        def add(number: Tensor, total: Tensor) -> Any:
            return total + of(self.sample(inputs, number))

        return ops.fori_loop(1, self.passes, add, of(self.sample(inputs, 0))) / self.passes

    def _from_probabilities(self, mean: Tensor) -> Tensor:
        if self.outputs == "logits":
            return ops.log(ops.maximum(mean, _SMALL))
        if self.outputs == "logit":
            mean = ops.clip(mean, _SMALL, 1.0 - _SMALL)
            return ops.log(mean) - ops.log1p(-mean)
        return mean

    def get_config(self) -> dict[str, Any]:
        own = {"passes": self.passes, "outputs": self.outputs, "tau": self.tau.initial}
        return {**super().get_config(), **own}


def _check(passes: float, tau: float) -> None:
    if passes < 1 or passes != int(passes) or tau <= 0:
        raise ValueError(f"expected a number of passes >= 1 and tau > 0, got {passes} and {tau}")


def _over(base: Variant) -> Variant:
    def at(site: Site, values: Values) -> Replacement:
        _check(values["passes"], values["tau"])
        return base.at(site, values)

    return replace(
        base,
        name="mc",
        at=at,
        hyperparameters=VARIANT.hyperparameters,
        wrap=_wrap,
        measure=_measure,
        precision=lambda model: _layer(model).tau.tensor,
        density=lambda model, x, y: predictive(_layer(model), x, y)[:2],
    )


def _wrap(model: keras.Model, values: Values) -> keras.Model:
    rows = values.get("inputs")
    inputs = _inputs_of(model, rows)
    answers = keras.tree.flatten(model.outputs if is_model(model) else model(inputs))
    if len(answers) != 1:
        raise UsageError(
            "variant 'mc' has a mean for one output, the model has several: use its base"
        )
    has_graph = is_model(model)
    is_probability = ends_in_probabilities(model) if has_graph else ends_in_classes(model, rows)
    outputs = "values"
    if values["task"] != "regression":
        one_by_one = answers[0].shape[-1] == 1 or values["task"] == "multilabel"
        outputs = "probabilities" if is_probability else "logit" if one_by_one else "logits"
    layer = MCDropout(model, values["passes"], outputs, values["tau"], name="monte_carlo")
    return keras.Model(inputs, layer(inputs))


def _inputs_of(model: keras.Model, rows: Any) -> Any:
    """Inputs as a model takes them; a row of `rows` says what one in no graph takes."""
    if not is_model(model) and rows is None:
        raise UsageError(f"variant 'mc': it is not known what model {model.name!r} takes")

    def one(like: Any, name: str | None = None) -> Any:
        shape = like.shape if is_model(model) else (None, *like.shape)
        return keras.Input(batch_shape=shape, dtype=like.dtype, name=name)

    taken = input_of(model) if is_model(model) else rows
    if isinstance(taken, dict):
        return {name: one(like, name) for name, like in taken.items()}
    return keras.tree.map_structure(one, taken)


def _measure(model: keras.Model, x: Tensor, y: Tensor, y_scale: Tensor) -> dict[str, Any]:
    layer = _layer(model)
    if layer.outputs == "values":
        _, density, deviation = predictive(layer, x, y)
        nll = ops.sum(ops.log(y_scale)) - density
        return {"nll": nll, "predictive_sd": ops.mean(deviation * y_scale, axis=-1)}
    entropy, information = uncertainty(layer, x)
    return {"predictive_entropy": entropy, "mutual_information": information}


def _layer(model: keras.Model) -> MCDropout:
    layer: MCDropout = model.layers[-1]
    return layer


VARIANT = Variant(
    name="mc",
    rate=Range(low=0.0, high=0.8),
    over=_over,
    hyperparameters={
        "base": Hyperparameter(("standard",), choices=BASES),
        "passes": Hyperparameter(10),
        "tau": Hyperparameter(1.0, of_density=Range(low=1.0, high=1000.0, log=True)),
    },
)
