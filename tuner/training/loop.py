"""The training of a program: epoch by epoch, on arrays or on streams of batches."""

from collections import Counter
from collections.abc import Callable, Mapping

import numpy as np
import tensorflow as tf

from tuner.dropout.tensors import Tensor
from tuner.training.batches import Arrays, Data, Stream
from tuner.training.program import EVALUATION_BATCH, Program
from tuner.training.settings import TrainingSettings

OnEpoch = Callable[[int, Mapping[str, float]], None]


class DivergedError(ValueError):
    """The loss or the metric of a trial became NaN or infinite."""


def train_program(
    program: Program,
    rows: Data,
    validation: Data,
    settings: TrainingSettings,
    *,
    seed: int,
    on_epoch: OnEpoch,
    after: int = 0,
) -> None:
    """Train for all epochs, each followed by `on_epoch(epoch, metrics)`, which may raise to stop.

    The first `after` of them are done already. Of the settings, epochs, batch size and learning
    rate count; the optimizer is the program's.

    Epochs count from 1; metrics are train_loss, val_loss and the metric as train_, val_.
    The train values are those of the noisy model, averaged over the epoch (of a density under the
    variance after the epoch before); rates that the variant learns are `rate_<place>`. Raises
    DivergedError at the first value that is not finite.
    """
    program.set_learning_rate(settings.learning_rate)
    epochs, batch_size = settings.epochs, settings.batch_size
    for epoch in range(after + 1, epochs + 1):
        sums = _run_epoch(program, rows, validation, batch_size, (seed, epoch)).numpy()
        metrics = _means(program, "train", sums[:2], rows.n)
        metrics |= _means(program, "val", sums[2:4], validation.n)
        metrics |= {f"rate_{place}": float(rate) for place, rate in enumerate(sums[4:])}
        for name, value in metrics.items():
            if not np.isfinite(value):
                raise DivergedError(f"{name} became {value} in epoch {epoch}")
        on_epoch(epoch, metrics)


def evaluate(program: Program, part: Data, prefix: str) -> dict[str, float]:
    """Mean loss and metric on a part, without noise: `<prefix>_loss`, `<prefix>_<metric>`."""
    return _means(program, prefix, _evaluate(program, part).numpy(), part.n)


def measure(program: Program, part: Data) -> dict[str, float]:
    """The means over a part of what the variant measures of each example."""
    if program.variant.measure is None:
        return {}
    totals: Counter[str] = Counter()
    for x, y, _ in part.batches(EVALUATION_BATCH):
        sums = program.measure(x, y)
        totals.update({name: float(total) for name, total in sums.items()})
    return {name: total / part.n for name, total in totals.items()}


def _run_epoch(
    program: Program, rows: Data, validation: Data, size: int, seed: tuple[int, int]
) -> Tensor:
    """Sums of loss and metric on both parts, and learned rates."""
    generator = np.random.default_rng(seed)
    if isinstance(rows, Arrays) and isinstance(validation, Arrays):
        order = generator.permutation(rows.n).astype("int32")
        parts = (rows.x, rows.y, validation.x, validation.y)
        return program.epoch(*parts, order, size)
    assert isinstance(rows, Stream)  # noqa: S101
    sums = tf.zeros([2])
    for x, y, _ in rows.shuffled(size, int(generator.integers(2**31))):
        sums += program.step(x, y)
    if program.scorer.variance is not None:
        squares = [program.residuals(x, y) for x, y, _ in rows.batches(EVALUATION_BATCH)]
        program.set_variance(tf.add_n(squares), rows.n)
    return tf.concat([sums, _evaluate(program, validation), program.learned()], axis=0)


def _evaluate(program: Program, part: Data) -> Tensor:
    if isinstance(part, Arrays):
        return program.evaluate(part.x, part.y)
    sums = tf.zeros([2])
    for x, y, _ in part.batches(EVALUATION_BATCH):
        sums += program.evaluate(x, y)
    return sums


def _means(program: Program, prefix: str, sums: Tensor, n: int) -> dict[str, float]:
    loss, metric = (float(total) / n for total in sums)
    return {f"{prefix}_loss": loss, f"{prefix}_{program.metric}": program.scorer.finish(metric)}
