"""Drops units or whole maps at a rate that every site learns: dropout with relaxed gates.

Rate: the one at the start
Learns: a rate for each site
Paper: Gal, Hron & Kendall 2017

y = x * (1 - z) / (1 - rate), z = sigmoid((logit(rate) + logit(u)) / temperature), u uniform. The
loss gets l^2 / (2N) * |V|^2 / (1 - rate), which lowers the rate, and -entropy_weight / N * n *
H(rate), which draws it to 1/2: V is the kernel of the layer that takes the site's output, l the
length_scale, n the number of units (maps), N of training examples. `rate_lr_mult` multiplies the
steps of the rate. Concrete Dropout, NeurIPS.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from tuner.dropout._cell import RateCell
from tuner.dropout._examples import CountsExamples
from tuner.dropout._learned import LearnsRate, initial_rate, logit, loss_factor, mean_rate
from tuner.dropout._noise import noise_shape_of
from tuner.dropout.graph import consumer_of
from tuner.dropout.keras_internals import entry_of, has_added_loss
from tuner.dropout.spatial import noise_shape
from tuner.dropout.stochastic import is_noisy, source
from tuner.dropout.tensors import Shape, Tensor
from tuner.dropout.variant import Replacement, Site, Values, Variant
from tuner.schema import Hyperparameter, Range

_FACTORS = (
    *("n_train", "length_scale", "entropy_weight"),
    *("temperature", "rate_lr_mult", "loss_factor"),
)
_LIMIT, _EDGE = 10.0, 1e-7


@keras.saving.register_keras_serializable(package="tuner")
class ConcreteDropout(LearnsRate, CountsExamples, keras.layers.Layer):
    """x * (1 - z) / (1 - p), z = sigmoid((rho + log u - log(1 - u)) / temperature), p learned.

    p = sigmoid(rho); u is uniform, one draw an entry of `noise_shape`, and those of one example are
    the gates. In training the layer adds its penalty to the losses of the model: it needs the
    kernel of the one Dense or Conv layer that takes its output, which it finds in a Sequential or
    Functional model; elsewhere `regularize` names it.

    Args:
        rate: The rate at the start, in (0, 1).
        n_train: Number of training examples; None where `tuner.dropout.apply` has `fit` tell it.
        length_scale: Prior length scale l of the weights: the larger, the lower the rate.
        entropy_weight: Factor of the entropy, which draws the rate to 1/2; 1 in the paper.
        temperature: That of the relaxed gates.
        rate_lr_mult: Factor of the optimizer's steps of rho.
        loss_factor: Factor of the penalty: 1 beside a mean cross-entropy, 2 / k beside a mean
            squared error of k targets, 2 / k times the negative log likelihood at precision 1.
        noise_shape: As of keras.layers.Dropout; entries that are None take the size of the input.
        seed: Of the gates.

    Source: Gal, Hron & Kendall 2017, equations 3 and 5.
    """

    cells = ("rate", *_FACTORS)

    def __init__(
        self,
        rate: float,
        n_train: int | None = None,
        *,
        length_scale: float = 0.01,
        entropy_weight: float = 1.0,
        temperature: float = 0.1,
        rate_lr_mult: float = 1.0,
        loss_factor: float = 1.0,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if min(temperature, rate_lr_mult) <= 0:
            raise ValueError(
                f"expected temperature and rate_lr_mult > 0, got {temperature} and {rate_lr_mult}"
            )
        self.rate = initial_rate(rate)
        self.count_examples(n_train)
        self.length_scale = RateCell(length_scale)
        self.entropy_weight = RateCell(entropy_weight)
        self.temperature = RateCell(temperature)
        self.rate_lr_mult = RateCell(rate_lr_mult)
        self.loss_factor = RateCell(loss_factor)
        self._consumer: Callable[[], keras.layers.Layer | None] = lambda: consumer_of(self)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Sequence[int | None]) -> None:
        wanted = self.noise_shape or (None,) * len(input_shape)
        sizes = [a if n is None else n for n, a in zip(wanted, input_shape, strict=True)]
        self.n_gates = math.prod(size or 1 for size in sizes[1:])
        self.add_rho(logit(self.rate), (), self.rate_lr_mult, _LIMIT)
        self.built = True

    def regularize(self, layer: keras.layers.Layer) -> None:
        """Name the Dense or Conv layer that takes the output, whose kernel the penalty needs."""
        self._consumer = lambda: layer

    def learned_rate(self) -> float:
        """The rate by now."""
        return float(mean_rate(self.rho))

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        if training:
            self.remember_rho()
            if entry_of(self) is not self and not has_added_loss(self):
                self.add_loss(self.penalty())
        if not is_noisy(training):
            return inputs
        shape, seed = noise_shape_of(inputs, self.noise_shape), source(self.seed_generator)
        u = keras.random.uniform(shape, _EDGE, 1 - _EDGE, "float32", seed)
        rho = ops.convert_to_tensor(self.rho)
        dropped = ops.sigmoid((rho + ops.log(u) - ops.log1p(-u)) / self.temperature.tensor)
        return inputs * ops.cast((1.0 - dropped) * (1.0 + ops.exp(rho)), inputs.dtype)

    def penalty(self) -> Tensor:
        """What the layer adds to the loss, a float32 scalar."""
        consumer = self._consumer()
        if consumer is None:
            raise ValueError(
                f"what follows {self.name!r} is not one Dense or Conv layer, whose kernel the"
                " penalty of ConcreteDropout needs: name it with regularize(layer)"
            )
        return self.loss_factor.tensor * (self.weight_term(consumer.kernel) - self.entropy_term())

    def weight_term(self, kernel: Tensor) -> Tensor:
        """l^2 / (2N) * |kernel|^2 / (1 - p), a float32 scalar."""
        size = ops.sum(ops.square(ops.cast(kernel, "float32")))
        scale = ops.square(self.length_scale.tensor) / (2.0 * self.n_examples())
        return scale * size * (1.0 + ops.exp(self.rho))

    def entropy_term(self) -> Tensor:
        """entropy_weight / N * n * H(p), H(p) = -p log p - (1 - p) log(1 - p), in nats."""
        rho = ops.convert_to_tensor(self.rho)
        p = ops.sigmoid(rho)
        entropy = p * ops.softplus(-rho) + (1.0 - p) * ops.softplus(rho)
        return self.entropy_weight.tensor / self.n_examples() * self.n_gates * entropy

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        own = {name: getattr(self, name).initial for name in _FACTORS}
        own |= {"rate": self.rate, "noise_shape": self.noise_shape, "seed": self.seed}
        own["n_train"] = own["n_train"] or None
        return {**super().get_config(), **own}

    def as_keras(self) -> keras.layers.Layer:
        """Keras's own Dropout at the learned rate."""
        rate = self.learned_rate()
        return keras.layers.Dropout(rate, noise_shape=self.noise_shape, name=self.name)


def _at(site: Site, values: Values) -> Replacement:
    hps = {name: values[name] for name in VARIANT.hyperparameters if name in values}
    layer = ConcreteDropout(
        values["rate"],
        values.get("n_train"),
        **hps,
        loss_factor=loss_factor(values),
        noise_shape=noise_shape(site),
        name=site.name,
    )
    return Replacement(layer)


def _misfit(sites: Sequence[Site]) -> str | None:
    for site in sites:
        if site.consumer is None:
            return (
                f"what follows {site.path!r} is not one Dense or Conv layer, and the loss needs the"
                " weights of that layer; use 'standard'"
            )
    return None


VARIANT = Variant(
    name="concrete",
    rate=Range(low=0.01, high=0.5),
    at=_at,
    kinds=("units",),
    looks=True,
    hyperparameters={
        "length_scale": Hyperparameter(Range(low=1e-4, high=1.0, log=True)),
        "entropy_weight": Hyperparameter(Range(low=0.1, high=10.0, log=True)),
        "temperature": Hyperparameter(0.1),
        "rate_lr_mult": Hyperparameter(Range(low=1.0, high=10.0, log=True)),
    },
    misfit=_misfit,
    learned=lambda layer: mean_rate(layer.rho),
)
