"""SELU with alpha dropout against ReLU with dropout (Klambauer et al. 2017, their notebook)."""

from statistics import fmean

import keras
import numpy as np
from reproduction.images import Images
from reproduction.loop import Fit, accuracy, cross_entropy, train
from reproduction.outcome import Line, Options, Outcome, spread

from tuner.dropout.alpha import AlphaDropout
from tuner.dropout.standard import Dropout

WIDTHS = (512, 256)
RATE = 0.05
EPOCHS = 20

REMARK = (
    "The notebook's figure is the test accuracy of the epoch that is best on its validation sixth"
    " (in its log the last one, for both networks), and so is ours. It is of one run; ours are the"
    " mean and standard deviation over seeds, which draw weights, split and order."
)


def run(options: Options) -> Outcome:
    """Train both networks on five sixths of the training part, for every seed."""
    images = options.load("mnist")
    epochs, seeds = options.epochs_or(EPOCHS), options.seeds_or(3)
    selu, relu = (
        [_measure(images, epochs, seed, self_normalizing=which) for seed in seeds]
        for which in (True, False)
    )
    gaps = [a - b for a, b in zip(selu, relu, strict=True)]
    lines = (
        _line("test accuracy, SELU + alpha dropout", 92.04, selu, (92.0, 0.5)),
        _line("test accuracy, ReLU + dropout", 90.76, relu, (90.8, 0.7)),
        Line("difference", "1.28 points", spread(gaps, "points"), "> 0.5", fmean(gaps) > 0.5),
    )
    setting = (
        f"{images.name}, 512-256-10 units, rate {RATE}, {epochs} epochs of SGD 1e-3, batch 128;"
        " SELU from lecun_normal, ReLU from PyTorch's default"
    )
    return Outcome("SELU with alpha dropout", setting, seeds, lines)


def _line(quantity: str, published: float, ours: list[float], near: tuple[float, float]) -> Line:
    middle, within = near
    met = abs(fmean(ours) - middle) <= within
    return Line(quantity, f"{published} %", spread(ours, "%"), f"{middle} ± {within} %", met)


def _measure(images: Images, epochs: int, seed: int, *, self_normalizing: bool) -> float:
    keras.utils.set_random_seed(seed)
    model = _model(images.shape, self_normalizing=self_normalizing)
    x, y = _normalized(images.x_train), images.y_train
    order = np.random.default_rng(seed).permutation(len(x))
    held_out, kept = order[: len(x) // 6], order[len(x) // 6 :]
    best = 0.0
    weights = model.get_weights()

    def keep_the_best(_: int) -> None:
        nonlocal best, weights
        now = accuracy(model, x[held_out], y[held_out])
        if now > best:
            best, weights = now, model.get_weights()

    fit = Fit(keras.optimizers.SGD(1e-3), cross_entropy, epochs, 128, seed, drop_last=True)
    train(model, (x[kept], y[kept]), fit, after_epoch=keep_the_best)
    model.set_weights(weights)
    return accuracy(model, _normalized(images.x_test), images.y_test)


def _normalized(x: np.ndarray) -> np.ndarray:
    return (x / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081)


def _model(shape: tuple[int], *, self_normalizing: bool) -> keras.Model:
    dense, activation = (_lecun, "selu") if self_normalizing else (_torch, "relu")
    dropout = AlphaDropout if self_normalizing else Dropout
    model = keras.Sequential([keras.Input(shape)])
    fan_in = shape[0]
    for width in WIDTHS:
        model.add(dense(fan_in, width, activation))
        model.add(dropout(RATE))
        fan_in = width
    model.add(dense(fan_in, 10, None))
    return model


def _lecun(_fan_in: int, width: int, activation: str | None) -> keras.layers.Dense:
    return keras.layers.Dense(width, activation, kernel_initializer="lecun_normal")


def _torch(fan_in: int, width: int, activation: str | None) -> keras.layers.Dense:
    limit = fan_in**-0.5
    return keras.layers.Dense(
        width,
        activation,
        kernel_initializer=keras.initializers.RandomUniform(-limit, limit),
        bias_initializer=keras.initializers.RandomUniform(-limit, limit),
    )
