"""Sparse variational dropout on LeNet-300-100 (Molchanov et al. 2017, table 1)."""

from dataclasses import dataclass
from statistics import fmean

import keras
import numpy as np
from reproduction.images import Images
from reproduction.loop import Fit, accuracy, cross_entropy, train
from reproduction.outcome import Line, Options, Outcome, spread

from tuner.dropout.variational import VariationalDropout

WIDTHS = (300, 100, 10)
EPOCHS = 200

REMARK = (
    "The published figures are of one run, 98.5 % being 1 - 1/68. A test error of 2 % on 10,000"
    " images has a standard error of 0.14 points."
)


@dataclass(frozen=True)
class Measured:
    """Of one trained network, in percent: the test error, and the zeros of each kernel."""

    error: float
    zeros: tuple[float, ...]
    all_zeros: float


def run(options: Options) -> Outcome:
    """Train with a rate for every weight, then predict without those of log alpha > 3."""
    images = options.load("mnist")
    epochs, seeds = options.epochs_or(EPOCHS), options.seeds_or(1)
    measured = [_measure(images, epochs, seed) for seed in seeds]
    errors = [one.error for one in measured]
    zeros = [one.all_zeros for one in measured]
    layers = np.mean([one.zeros for one in measured], axis=0)
    lines = (
        Line("test error, pruned", "1.92 %", spread(errors, "%"), "<= 2.2 %", fmean(errors) <= 2.2),
        Line(
            "weights pruned",
            "98.5 %",
            spread(zeros, "%", digits=1),
            ">= 95 %",
            fmean(zeros) >= 95,
        ),
        Line("of each layer", "98.9, 97.2, 62.0 %", ", ".join(f"{z:.1f}" for z in layers) + " %"),
        Line("weights / weights left", "68", f"{100 / (100 - fmean(zeros)):.0f}"),
    )
    setting = (
        f"{images.name}, 300-100-10 units, {epochs} epochs of Adam 1e-3 (falling to 0 from epoch"
        " 100 to 200), batch 100, KL weight 0 to epoch 5, 1 from epoch 20"
    )
    return Outcome("Sparse variational dropout", setting, seeds, lines)


def _measure(images: Images, epochs: int, seed: int) -> Measured:
    keras.utils.set_random_seed(seed)
    mean = images.x_train.mean(axis=0) / 256
    model = _model(images.shape, len(images.x_train))
    optimizer = keras.optimizers.Adam(1e-3)

    def before_epoch(epoch: int) -> None:
        optimizer.learning_rate = 1e-3 * min(1.0, max(0.0, 2.0 - epoch / 100))
        for layer in model.layers:
            layer.kl_weight.scalar.assign(_warm_up(epoch))

    data = (images.x_train / 256 - mean, images.y_train)
    fit = Fit(optimizer, cross_entropy, epochs, 100, seed)
    train(model, data, fit, before_epoch=before_epoch)
    kernels = [np.asarray(layer.inference_kernel()) for layer in model.layers]
    return Measured(
        100 - accuracy(model, images.x_test / 256 - mean, images.y_test),
        tuple(100 * float(np.mean(kernel == 0)) for kernel in kernels),
        100 * float(np.mean(np.concatenate([kernel.ravel() for kernel in kernels]) == 0)),
    )


def _warm_up(epoch: int) -> float:
    return min(1.0, max(0.0, (epoch - 5) / 15))


def _model(shape: tuple[int], n_train: int) -> keras.Model:
    layers = [_noisy(width, n_train, last=width == WIDTHS[-1]) for width in WIDTHS]
    return keras.Sequential([keras.Input(shape), *layers])


def _noisy(width: int, n_train: int, *, last: bool) -> VariationalDropout:
    dense = keras.layers.Dense(
        width,
        activation=None if last else "relu",
        kernel_initializer=keras.initializers.RandomNormal(stddev=0.01),
    )
    return VariationalDropout(dense, 0.5, n_train, granularity="weight", kl_weight=0.0)
