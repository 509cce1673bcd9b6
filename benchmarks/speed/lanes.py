"""Several trials trained side by side in one compiled epoch: the MLP with standard dropout."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from speed.grid import BATCH

from tuner.data.dataset import TrainValidation

BETAS = (0.9, 0.999)
EPSILON = 1e-7


@dataclass(frozen=True)
class Lane:
    """One of the trials: its weights to begin with, as Keras orders them, and its settings."""

    weights: Sequence[Any]
    rate: float
    learning_rate: float
    seed: int


class Lanes:
    """The stacked variables of `n` trials, kernels [n, in, out] and biases [n, 1, out].

    Adam's steps are proportional to the learning rate, so that one kernel a variable moves all
    lanes at learning rate 1, and a lane's weights are initial + learning rate * moved.
    """

    def __init__(self, train_validation: TrainValidation, n: int, width: int) -> None:
        train, validation = train_validation.train, train_validation.validation
        self._rows = [tf.constant(a) for a in (train.x, train.y, validation.x, validation.y)]
        sizes = [train.x.shape[1], width, width, train_validation.spec.n_outputs]
        shapes = [s for a, b in itertools.pairwise(sizes) for s in ((a, b), (1, b))]
        self._initial, self._moved, self._m, self._v = (
            [tf.Variable(tf.zeros([n, *shape])) for shape in shapes] for _ in range(4)
        )
        self._epoch = tf.function(self._epoch_body, autograph=False)

    def train(
        self, lanes: Sequence[Lane], epochs: int, on_epoch: Callable[[int, Any], None]
    ) -> None:
        """Train all lanes; `on_epoch` gets [lanes, 4]: train and validation loss and accuracy."""
        for number, initial in enumerate(self._initial):
            initial.assign([np.reshape(i.weights[number], initial.shape[1:]) for i in lanes])
        for variable in (*self._moved, *self._m, *self._v):
            variable.assign(tf.zeros_like(variable))
        rates = tf.constant([lane.rate for lane in lanes])
        speeds = tf.constant([lane.learning_rate for lane in lanes])
        seeds = tf.constant([lane.seed for lane in lanes])
        n, n_validation = len(self._rows[0]), len(self._rows[2])
        steps = -(-n // BATCH)
        for epoch in range(1, epochs + 1):
            orders = [np.random.default_rng((i.seed, epoch)).permutation(n) for i in lanes]
            done = tf.constant((epoch - 1) * steps)
            order = tf.constant(np.stack(orders), tf.int32)
            sums = self._epoch(order, done, rates, speeds, seeds).numpy()
            on_epoch(epoch, sums / [n, n, n_validation, n_validation])

    def _epoch_body(self, order: Any, done: Any, rates: Any, speeds: Any, seeds: Any) -> Any:
        x, y, x_val, y_val = self._rows

        def noise(step: Any, layer: int, shape: Any) -> Any:
            count = step * 2 + layer
            uniform = [
                tf.random.stateless_uniform(shape, tf.stack([seed, count]))
                for seed in tf.unstack(seeds)
            ]
            rate = rates[:, None, None]
            return tf.cast(tf.stack(uniform) >= rate, tf.float32) / (1.0 - rate)

        def batch(start: Any, step: Any, sums: Any) -> tuple[Any, Any, Any]:
            rows = order[:, start : start + BATCH]
            sums += self._step(
                tf.gather(x, rows),
                tf.gather(y, rows),
                speeds[:, None, None],
                step,
                lambda layer, shape: noise(step, layer, shape),
            )
            return start + BATCH, step + 1, sums

        begin = (0, done, tf.zeros([seeds.shape[0], 2]))
        *_, sums = tf.while_loop(lambda start, *_: start < tf.shape(order)[1], batch, begin)
        answers = _forwards(self._weights(speeds[:, None, None]), x_val[None])
        targets = tf.broadcast_to(y_val, [seeds.shape[0], len(y_val)])
        return tf.concat([sums, _sums(targets, answers, _losses(targets, answers))], axis=1)

    def _step(self, x: Any, y: Any, speeds: Any, step: Any, noise: Callable[..., Any]) -> Any:
        weights = self._weights(speeds)
        with tf.GradientTape() as tape:
            tape.watch(weights)
            answers = _forwards(weights, x, noise)
            losses = _losses(y, answers)
            # Lanes share no weight: the gradient of the sum is that of each.
            loss = tf.reduce_sum(tf.reduce_mean(losses, axis=1))
        powers = [tf.pow(beta, tf.cast(step + 1, tf.float32)) for beta in BETAS]
        slots = zip(self._moved, self._m, self._v, tape.gradient(loss, weights), strict=True)
        for moved, m, v, gradient in slots:
            handles = {"var": moved.handle, "m": m.handle, "v": v.handle, "grad": gradient}
            betas = {"beta1": BETAS[0], "beta2": BETAS[1], "epsilon": EPSILON, "lr": 1.0}
            now = {"beta1_power": powers[0], "beta2_power": powers[1]}
            tf.raw_ops.ResourceApplyAdam(**handles, **betas, **now)
        return _sums(y, answers, losses)

    def _weights(self, speeds: Any) -> list[Any]:
        pairs = zip(self._initial, self._moved, strict=True)
        return [initial + speeds * moved for initial, moved in pairs]


def _forwards(weights: Sequence[Any], x: Any, noise: Callable[..., Any] | None = None) -> Any:
    """Logits [lanes, rows, outputs]; `noise(layer, shape)` multiplies hidden activations."""
    for layer, (kernel, bias) in enumerate(zip(weights[::2], weights[1::2], strict=True)):
        x = tf.matmul(x, kernel) + bias
        if 2 * layer + 2 < len(weights):
            x = tf.nn.relu(x)
            x = x if noise is None else x * noise(layer, tf.shape(x)[1:])
    return x


def _losses(y: Any, answers: Any) -> Any:
    return tf.nn.sparse_softmax_cross_entropy_with_logits(y, answers)


def _sums(y: Any, answers: Any, losses: Any) -> Any:
    correct = tf.cast(tf.argmax(answers, axis=-1, output_type=y.dtype) == y, tf.float32)
    return tf.stack([tf.reduce_sum(losses, axis=1), tf.reduce_sum(correct, axis=1)], axis=1)
