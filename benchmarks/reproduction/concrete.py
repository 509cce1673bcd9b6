"""Rates that concrete dropout learns from N rows of y = 2x + 8 + noise (Gal et al. 2017)."""

from itertools import pairwise
from statistics import fmean
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from reproduction.loop import Fit, train
from reproduction.outcome import Line, Options, Outcome, spread

from tuner.dropout.concrete import ConcreteDropout

WIDTH = 1024
BATCH_SIZE = 20
PUBLISHED = {
    10: (2000, 0.404),
    25: (1000, 0.403),
    50: (500, 0.325),
    100: (200, 0.236),
    1000: (20, 0.227),
    10_000: (2, 0.125),
}
"""By N: the epochs of the authors' notebook, and its mean rate of layers 2 to 4."""

CRITERIA = {10: (0.40, 0.05), 100: (0.24, 0.05)}
LEVEL = 0.01

REMARK = (
    "The published rates are those that the authors' notebook printed, the means of three runs;"
    f" they do not fall strictly either, so a rise of up to {LEVEL} counts as level. Adam moves the"
    " logit of a rate by about 0.001 a step, and the notebook takes 2000 steps for N = 10 and 25,"
    " 1500 for 50 and 1000 for the others. Up to N = 100 the rate is on its way to 1/2 all the time"
    " and tells the number of steps: in 2000 of them N = 100 gets where N = 10 gets (last line). So"
    " these figures show the direction of the entropy term, not its size. What N does is seen from"
    " 100 to 10000, in equally many steps."
)


def run(options: Options) -> Outcome:
    """Learn the rates for every N, in the epochs that the notebook gives it."""
    width, seeds = (16 if options.quick else WIDTH), options.seeds_or(3)
    factor = options.epochs_or(PUBLISHED[10][0]) / PUBLISHED[10][0]

    def rates(n: int, epochs: int) -> list[float]:
        return [_rate(n, max(1, round(epochs * factor)), seed, width) for seed in seeds]

    sizes = (10, 100) if options.quick else tuple(PUBLISHED)
    ours = {n: rates(n, PUBLISHED[n][0]) for n in sizes}
    lines = (
        *(_line(n, values) for n, values in ours.items()),
        _fall([fmean(values) for values in ours.values()]),
        Line(
            "rate at N = 100, in as many steps as at N = 10", "", spread(rates(100, 400), digits=3)
        ),
    )
    setting = (
        f"3 x {width} ReLU units, heads for mean and log variance, length scale 1e-4, Adam 1e-3,"
        f" batch {BATCH_SIZE}, {round(2000 * factor)} epochs at N = 10 and fewer for larger N; the"
        " rate is the mean of layers 2 to 4 of 5"
    )
    return Outcome("Concrete dropout and N", setting, seeds, lines)


def _line(n: int, ours: list[float]) -> Line:
    quantity, published = f"rate at N = {n}", f"{PUBLISHED[n][1]:.3f}"
    shown = spread(ours, digits=3)
    if n not in CRITERIA:
        return Line(quantity, published, shown)
    middle, within = CRITERIA[n]
    met = abs(fmean(ours) - middle) <= within
    return Line(quantity, published, shown, f"{middle:.2f} ± {within}", met)


def _fall(means: list[float]) -> Line:
    steps = [after - before for before, after in pairwise(means)]
    met = max(steps) <= LEVEL and means[-1] < means[0]
    fall = PUBLISHED[10][1] - PUBLISHED[10_000][1]
    return Line(
        "its fall from N = 10 to 10000",
        f"{fall:.3f}",
        f"{means[0] - means[-1]:.3f}, largest rise on the way {max(0.0, *steps):.3f}",
        "falls all the way",
        met,
    )


def _rate(n: int, epochs: int, seed: int, width: int) -> float:
    keras.utils.set_random_seed(seed)
    generator = np.random.default_rng((seed, n))
    x = generator.normal(size=(n, 1)).astype("float32")
    y = 2 * x + 8 + generator.normal(size=(n, 1)).astype("float32")
    model = _model(n, width)
    train(model, (x, y), Fit(keras.optimizers.Adam(1e-3), _loss, epochs, BATCH_SIZE, seed))
    marks = [layer for layer in model.layers if isinstance(layer, ConcreteDropout)]
    return fmean(mark.learned_rate() for mark in marks[1:4])


def _model(n: int, width: int) -> keras.Model:
    inputs = x = keras.Input((1,))
    for _ in range(3):
        x = keras.layers.Dense(width, "relu")(_mark(n)(x))
    heads = [keras.layers.Dense(1)(_mark(n)(x)) for _ in range(2)]
    return keras.Model(inputs, heads)


def _mark(n: int) -> ConcreteDropout:
    return ConcreteDropout(0.1, n, length_scale=1e-4, loss_factor=2.0)


def _loss(model: keras.Model, x: Any, y: Any) -> Any:
    """Twice the negative log-likelihood, and with it twice the penalties of the layers."""
    mean, log_variance = model(x, training=True)
    fit = tf.exp(-log_variance) * tf.square(y - mean) + log_variance
    return tf.reduce_mean(fit) + tf.add_n(model.losses)
