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
from tuner.dropout._examples import CountsExamples
from tuner.dropout._gaussian import kl, n_channels, noisy_inputs, noisy_weights
from tuner.dropout._learned import LearnsRate, initial_rate, logit, loss_factor, mean_rate
from tuner.dropout._steps import CountsSteps, checked_steps
from tuner.dropout._weighted import copy_of, finish, frozen, in_place_of, misfit, multiply
from tuner.dropout.keras_internals import has_added_loss
from tuner.dropout.stochastic import is_noisy
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant, nothing
from tuner.schema import Hyperparameter, Range

KL_WEIGHT = 0.1
NOISES = ("B", "A")
GRANULARITIES = ("neuron", "layer", "weight")
PRUNED_ABOVE = 3.0
"""Weights with a log alpha above this are zero at inference (Molchanov et al., section 4.3)."""

_LIMIT = 8.0
_FIRST_LOG_VARIANCE = -10.0
_SMALL = 1e-8


@keras.saving.register_keras_serializable(package="tuner")
class VariationalDropout(LearnsRate, CountsSteps, CountsExamples, keras.layers.Wrapper):
    """A Dense or Conv layer whose kernel W (noise "B") or inputs (noise "A") are noisy.

    "B": N(x W, x^2 (alpha W^2)), the local reparameterization, drawn for every output.
    "A": x (1 + sqrt(alpha) eps) W, eps drawn for every example and input channel.
    log alpha = rho, one an input channel or one a layer; for every weight it is rho - log W^2. In
    training the layer adds its penalty to the losses of the model.

    Args:
        layer: The Dense or Conv layer.
        rate: The rate at the start, in (0, 1).
        n_train: Number of training examples; None where `tuner.dropout.apply` has `fit` tell it.
        noise: "B" or "A".
        granularity: What has a rate of its own: "neuron" (an input channel), "layer", "weight".
        kl_weight: Factor of the penalty: 1 in the papers beside a mean cross-entropy, which is
            2 / k beside a mean squared error of k targets.
        warmup_frac: Share of the training over which the penalty grows from 0.
        rate_lr_mult: Factor of the optimizer's steps of rho.
        n_steps: Steps of the whole training; needed where warmup_frac is above 0.

    Source: Kingma, Salimans & Welling 2015, sections 2.3 and 3; Molchanov et al. 2017, equation 14.
    """

    cells = ("rate", "kl_weight", "warmup_frac", "n_train", "rate_lr_mult", "n_steps")

    def __init__(
        self,
        layer: keras.layers.Layer,
        rate: float,
        n_train: int | None = None,
        *,
        noise: str = "B",
        granularity: str = "neuron",
        kl_weight: float = KL_WEIGHT,
        warmup_frac: float = 0.0,
        rate_lr_mult: float = 1.0,
        n_steps: float | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(layer, **in_place_of(layer, kwargs))
        if noise not in NOISES or granularity not in GRANULARITIES:
            raise ValueError(
                f"expected noise of {NOISES}, granularity of {GRANULARITIES}, got {noise!r},"
                f" {granularity!r}"
            )
        if (noise, granularity) == ("A", "weight"):
            raise ValueError('a rate for every weight needs noise "B", got "A"')
        if rate_lr_mult <= 0:
            raise ValueError(f"expected rate_lr_mult > 0, got {rate_lr_mult}")
        self.noise = noise
        self.granularity = granularity
        self.rate = initial_rate(rate)
        self.count_examples(n_train)
        self.kl_weight = RateCell(kl_weight)
        self.warmup_frac = RateCell(warmup_frac)
        self.rate_lr_mult = RateCell(rate_lr_mult)
        self.count_from(checked_steps(n_steps, needed=warmup_frac > 0, layer=self))
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(self.seed)
        self.supports_masking = layer.supports_masking

    def build(self, input_shape: Shape) -> None:
        super().build(input_shape)
        kernel = self.layer.kernel.shape
        if self.granularity == "weight":
            self.add_rho(_FIRST_LOG_VARIANCE, kernel, self.rate_lr_mult, None)
        else:
            shape = (kernel[-2], 1) if self.granularity == "neuron" else (1, 1)
            self.add_rho(logit(self.rate), shape, self.rate_lr_mult, _LIMIT)
        self.built = True

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if training:
            self.remember_rho()
            if not has_added_loss(self):  # once a pass, however often a shared layer is called
                self.add_loss(self.penalty())
                self.count()
        if not is_noisy(training):
            return finish(self.layer, multiply(self.layer, inputs, self.inference_kernel()))
        noisy = noisy_inputs if self.noise == "A" else noisy_weights
        outputs = noisy(self.layer, inputs, ops.exp(self.log_alpha()), self.seed_generator)
        return finish(self.layer, outputs)

    def log_alpha(self) -> Tensor:
        """Log alpha in [-8, 8], float32, broadcastable to the kernel."""
        rho = ops.convert_to_tensor(self.rho)
        if self.granularity == "weight":
            rho = rho - ops.log(ops.square(ops.cast(self.layer.kernel, "float32")) + _SMALL)
        return ops.clip(rho, -_LIMIT, _LIMIT)

    def penalty(self) -> Tensor:
        """kl_weight * warm-up / N * the sum of KL over the sources of noise, a float32 scalar."""
        warmed = (self.progress() + _SMALL) / (self.warmup_frac.tensor + _SMALL)
        weight = self.kl_weight.tensor * ops.minimum(1.0, warmed) / self.n_examples()
        return weight * self.n_sources() * ops.mean(kl(self.log_alpha()))

    def n_sources(self) -> int:
        """How many independent noises there are: weights, or input channels with noise "A"."""
        shape = self.layer.kernel.shape
        return n_channels(self.layer) if self.noise == "A" else math.prod(shape)

    def inference_kernel(self) -> Tensor:
        """The kernel; with a rate for every weight, those with log alpha > 3 are zero."""
        kernel = ops.convert_to_tensor(self.layer.kernel)
        if self.granularity != "weight":
            return kernel
        return ops.where(self.log_alpha() > PRUNED_ABOVE, ops.zeros_like(kernel), kernel)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return self.layer.compute_output_shape(input_shape)

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name).initial for name in self.cells if name != "rate"}
        own |= {name: getattr(self, name) for name in ("rate", "noise", "granularity", "seed")}
        own["n_train"] = own["n_train"] or None
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """The wrapped layer as it is at inference: no noise, pruned weights zero."""
        return frozen(self.layer, self.inference_kernel())


def _at(site: Site, values: Values) -> Replacement:
    hps = {name: values[name] for name in VARIANT.hyperparameters if name in values}
    layer = nothing(site)
    if site.feeder is None:
        return Replacement(layer)
    feeder = copy_of(site.feeder)
    kl_weight = hps.pop("kl_weight", KL_WEIGHT) * loss_factor(values)
    given = {**hps, "kl_weight": kl_weight, "n_steps": values.get("n_steps")}
    wrapper = VariationalDropout(feeder, values["rate"], values.get("n_train"), **given)
    return Replacement(layer, feeder=wrapper)


VARIANT = Variant(
    name="variational",
    rate=Range(low=0.01, high=0.5),
    at=_at,
    kinds=("units",),
    looks=True,
    hyperparameters={
        "kl_weight": Hyperparameter(Range(low=1e-3, high=1.0, log=True)),
        "warmup_frac": Hyperparameter(Range(low=0.0, high=0.5)),
        "rate_lr_mult": Hyperparameter(Range(low=1.0, high=10.0, log=True)),
        "noise": Hyperparameter(("B",), choices=NOISES),
        "granularity": Hyperparameter(("neuron",), when=("noise", ("B",)), choices=GRANULARITIES),
    },
    misfit=misfit,
    warmup=lambda values: float(values.get("warmup_frac", 0.0)),
    learned=lambda layer: mean_rate(layer.log_alpha()),
)
