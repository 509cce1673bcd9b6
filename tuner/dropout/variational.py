"""Gaussian noise of a learned variance rate / (1 - rate) on the weights before a site.

Rate: the one at the start
Learns: a rate for each input
Paper: Kingma et al. 2015, Molchanov et al. 2017

alpha = rate / (1 - rate). Noise "B", N(x W, x^2 (alpha W^2)), is drawn anew for every weight and
example, "A", x (1 + sqrt(alpha) eps) W, for every input. The loss gets kl_weight / N * KL(alpha),
summed over the weights or inputs, which raises alpha; N counts training examples. `rate_lr_mult`
multiplies the steps of the rates. `granularity` is "neuron", a rate for each input, "layer", or
"weight", which starts from the rates of the drawn weights and prunes those above 0.95. Variational
Dropout and the Local Reparameterization Trick, NeurIPS; Variational Dropout Sparsifies Deep Neural
Networks, ICML.
"""

import math
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._kl import kl
from tuner.dropout._learned import LearnsRate, add_rho, initial_rate, logit, mean_rate
from tuner.dropout._noise import noise_shape_of, normal
from tuner.dropout._weighted import (
    copy_of,
    finish,
    frozen,
    in_place_of,
    misfit,
    multiply,
)
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Hyperparameter, Range

NOISES = ("B", "A")
GRANULARITIES = ("neuron", "layer", "weight")
PRUNED_ABOVE = 3.0
"""Weights with a log alpha above this are zero at inference (Molchanov et al., section 4.3)."""

_LIMIT = 8.0
_FIRST_LOG_VARIANCE = -10.0
_SMALL = 1e-8


@keras.saving.register_keras_serializable(package="tuner")
class VariationalDropout(LearnsRate, keras.layers.Wrapper):
    """A Dense or Conv layer whose kernel W (noise "B") or inputs (noise "A") are noisy.

    "B": N(x W, x^2 (alpha W^2)), the local reparameterization, drawn for every output.
    "A": x (1 + sqrt(alpha) eps) W, eps drawn for every example and input channel.
    log alpha = rho, one an input channel or one a layer; for every weight it is rho - log W^2.
    """

    cells = ("rate", "kl_weight", "warmup_frac", "n_train", "rate_lr_mult")

    def __init__(
        self,
        layer: keras.layers.Layer,
        rate: float,
        n_train: int,
        noise: str = "B",
        granularity: str = "neuron",
        kl_weight: float = 0.1,
        warmup_frac: float = 0.0,
        rate_lr_mult: float = 1.0,
        **kwargs: Any,
    ) -> None:
        self.seed = kwargs.pop("seed", None)
        super().__init__(layer, **in_place_of(layer, kwargs))
        if noise not in NOISES or granularity not in GRANULARITIES:
            raise ValueError(
                f"expected noise of {NOISES}, granularity of {GRANULARITIES}, got {noise!r},"
                f" {granularity!r}"
            )
        if (noise, granularity) == ("A", "weight"):
            raise ValueError('a rate for every weight needs noise "B", got "A"')
        if min(n_train, rate_lr_mult) <= 0:
            raise ValueError(
                f"expected n_train and rate_lr_mult > 0, got {n_train} and {rate_lr_mult}"
            )
        self.noise = noise
        self.granularity = granularity
        self.rate = initial_rate(rate)
        self.n_train = RateCell(n_train)
        self.kl_weight = RateCell(kl_weight)
        self.warmup_frac = RateCell(warmup_frac)
        self.rate_lr_mult = RateCell(rate_lr_mult)
        self.progress = RateCell(1.0)
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.supports_masking = layer.supports_masking

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        kernel = self.layer.kernel.shape
        if self.granularity == "weight":
            self.rho = add_rho(self, _FIRST_LOG_VARIANCE, kernel, None)
        else:
            shape = (kernel[-2], 1) if self.granularity == "neuron" else (1, 1)
            self.rho = add_rho(self, logit(self.rate), shape, _LIMIT)
        self.built = True

    def call(self, inputs: Any, training: bool = False) -> Any:
        if training and not self._losses:  # once a pass, however often a shared layer is called
            self.add_loss(self.penalty())
        if not is_noisy(training):
            return finish(self.layer, multiply(self.layer, inputs, self.inference_kernel()))
        noisy = self._noisy_inputs if self.noise == "A" else self._noisy_weights
        return finish(self.layer, noisy(inputs))

    def log_alpha(self) -> Any:
        """Log alpha in [-8, 8], float32, broadcastable to the kernel."""
        rho = ops.convert_to_tensor(self.rho)
        if self.granularity == "weight":
            rho = rho - ops.log(ops.square(ops.cast(self.layer.kernel, "float32")) + _SMALL)
        return ops.clip(rho, -_LIMIT, _LIMIT)

    def penalty(self) -> Any:
        """kl_weight * warm-up / N * the sum of KL over the sources of noise, a float32 scalar."""
        warmed = (self.progress.tensor + _SMALL) / (self.warmup_frac.tensor + _SMALL)
        weight = self.kl_weight.tensor * ops.minimum(1.0, warmed) / self.n_train.tensor
        return weight * self.n_sources() * ops.mean(kl(self.log_alpha()))

    def n_sources(self) -> int:
        """How many independent noises there are: weights, or input channels with noise "A"."""
        shape = self.layer.kernel.shape
        return self._n_channels() if self.noise == "A" else math.prod(shape)

    def inference_kernel(self) -> Any:
        """The kernel; with a rate for every weight, those with log alpha > 3 are zero."""
        kernel = ops.convert_to_tensor(self.layer.kernel)
        if self.granularity != "weight":
            return kernel
        return ops.where(self.log_alpha() > PRUNED_ABOVE, ops.zeros_like(kernel), kernel)

    def _n_channels(self) -> int:
        return int(self.layer.kernel.shape[-2]) * getattr(self.layer, "groups", 1)

    def _noisy_inputs(self, inputs: Any) -> Any:
        per_kernel = ops.broadcast_to(
            ops.exp(self.log_alpha()), (int(self.layer.kernel.shape[-2]), 1)
        )
        alpha = ops.tile(ops.reshape(per_kernel, (-1,)), getattr(self.layer, "groups", 1))
        first = getattr(self.layer, "data_format", "channels_last") == "channels_first"
        shape = [1] * len(inputs.shape)
        shape[1 if first else -1] = self._n_channels()
        noise = normal(noise_shape_of(inputs, [None, *shape[1:]]), self.seed_generator)
        factor = 1.0 + ops.sqrt(ops.reshape(alpha, shape)) * noise
        kernel = ops.convert_to_tensor(self.layer.kernel)
        return multiply(self.layer, inputs * ops.cast(factor, inputs.dtype), kernel)

    def _noisy_weights(self, inputs: Any) -> Any:
        kernel = ops.convert_to_tensor(self.layer.kernel)
        mean = multiply(self.layer, inputs, kernel)
        variances = ops.cast(ops.exp(self.log_alpha()), kernel.dtype) * ops.square(kernel)
        variance = ops.cast(multiply(self.layer, ops.square(inputs), variances), "float32")
        noise = normal(noise_shape_of(mean), self.seed_generator)
        return mean + ops.cast(ops.sqrt(variance + _SMALL) * noise, mean.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        own = {
            "rate": self.rate,
            "n_train": self.n_train.initial,
            "noise": self.noise,
            "granularity": self.granularity,
            "kl_weight": self.kl_weight.initial,
            "warmup_frac": self.warmup_frac.initial,
            "rate_lr_mult": self.rate_lr_mult.initial,
            "seed": self.seed,
        }
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """The wrapped layer as it is at inference: no noise, pruned weights zero."""
        return frozen(self.layer, self.inference_kernel())


def _at(site: Site, values: Values) -> Replacement:
    hps = {name: values[name] for name in VARIANT.hyperparameters if name in values}
    layer = keras.layers.Identity(name=site.name)
    if site.feeder is None:
        return Replacement(layer)
    feeder = copy_of(site.feeder)
    wrapper = VariationalDropout(feeder, values["rate"], values["n_train"], **hps)
    return Replacement(layer, feeder=wrapper)


def _on_step(layer: keras.layers.Layer, progress: Any) -> None:
    layer.progress.scalar.assign(progress)


VARIANT = Variant(
    name="variational",
    rate=Range(low=0.01, high=0.5),
    at=_at,
    hyperparameters={
        "kl_weight": Hyperparameter(Range(low=1e-3, high=1.0, log=True)),
        "warmup_frac": Hyperparameter(Range(low=0.0, high=0.5)),
        "rate_lr_mult": Hyperparameter(Range(low=1.0, high=10.0, log=True)),
        "noise": Hyperparameter(("B",), choices=NOISES),
        "granularity": Hyperparameter(("neuron",), when=("noise", ("B",)), choices=GRANULARITIES),
    },
    misfit=misfit,
    on_step=_on_step,
    warmup=lambda values: float(values.get("warmup_frac", 0.0)),
    learned=lambda layer: mean_rate(layer.log_alpha()),
)
