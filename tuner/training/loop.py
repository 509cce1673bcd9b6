"""The training of a program: epoch by epoch, on arrays or on streams of batches."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from tuner.dropout.tensors import Tensor
from tuner.errors import TunerError
from tuner.training.batches import Arrays, Batch, Data
from tuner.training.passes import EVALUATION_BATCH, Found, Pass
from tuner.training.program import Program
from tuner.training.settings import TrainingSettings
from tuner.training.watching import Watch, logs_of

OnEpoch = Callable[[int, Mapping[str, float]], None]
_UNWATCHED = Watch([])


class DivergedError(TunerError, ValueError):
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
    watch: Watch = _UNWATCHED,
) -> None:
    """Train for all epochs, each followed by `on_epoch(epoch, metrics)`, which may raise to stop.

    The first `after` of them are done already. Of the settings, epochs, batch size and learning
    rate count; the optimizer is the program's. A callback that `watch` has may end it, and choose
    the weights that are kept.

    Epochs count from 1; metrics are train_loss, val_loss and the metric as train_, val_.
    The train values are those of the noisy model, averaged over the epoch (of a density under the
    variance after the epoch before); rates that the variant learns are `rate_<place>`. Raises
    DivergedError at the first value that is not finite.
    """
    program.set_steps(settings)
    watch.begin(program.owner, program.driver.optimizer, settings.epochs)
    for epoch in range(after + 1, settings.epochs + 1):
        watch.call("on_epoch_begin", epoch - 1)
        generator = np.random.default_rng((seed, epoch))
        size, is_whole = settings.batch_size, not watch.is_stepwise
        if is_whole and isinstance(rows, Arrays) and isinstance(validation, Arrays):
            order = generator.permutation(rows.n).astype("int32")
            found = program.epoch(rows.rows, validation.rows, order, size)
        else:
            found = _in_steps(program, rows, validation, size, generator, watch)
        metrics = _metrics(program, found, rows, validation)
        for name, value in metrics.items():
            if not np.isfinite(value):
                raise DivergedError(f"{name} became {value} in epoch {epoch}")
        watch.call("on_epoch_end", epoch - 1, logs_of(metrics, found[0][1], found[1][1]))
        on_epoch(epoch, metrics)
        if watch.has_stopped:
            break
    watch.call("on_train_end")
    program.driver.finalize(program.model.trainable_variables)


def evaluate(program: Program, part: Data, prefix: str) -> dict[str, float]:
    """Mean loss and metric on a part, without noise: `<prefix>_loss`, `<prefix>_<metric>`."""
    return _means(program, prefix, program.judging, _evaluate(program, part), part)


def measure(program: Program, part: Data) -> dict[str, float]:
    """The means over a part of what the variant measures of each example."""
    if not program.measures:
        return {}
    totals: Counter[str] = Counter()
    for rows in part.batches(EVALUATION_BATCH):
        sums = program.measure(rows)
        totals.update({name: float(total) for name, total in sums.items()})
    return {name: total / part.n for name, total in totals.items()}


def _in_steps(
    program: Program,
    rows: Data,
    validation: Data,
    size: int,
    generator: np.random.Generator,
    watch: Watch,
) -> tuple[Found, Found, Tensor]:
    """An epoch batch by batch: what the pass over each part came to, and learned rates."""

    def step(number: int, batch: Batch) -> Tensor:
        watch.call("on_train_batch_begin", number)
        counted = program.step(batch)
        watch.call("on_train_batch_end", number, {})
        return counted

    trained = _stepwise(program.training, step, rows.shuffled(size, generator))
    if program.scorer.variance is not None:
        squares = [program.residuals(batch) for batch in rows.batches(EVALUATION_BATCH)]
        program.set_variance(tf.add_n(squares), rows.n)
    watch.call("on_test_begin")
    judged = _evaluate(program, validation)
    watch.call("on_test_end")
    return trained, judged, program.learned()


def _evaluate(program: Program, part: Data) -> Found:
    if isinstance(part, Arrays):
        found: Found = program.evaluate(part.rows, program.judged_in)
        return found
    batches = part.batches(program.judged_in)
    return _stepwise(program.judging, lambda _, batch: program.judge(batch), batches)


def _stepwise(of: Pass, step: Callable[[int, Batch], Tensor], batches: Iterable[Batch]) -> Found:
    """A pass over batches that come one by one."""
    of.begin()
    counted = tf.constant(of.nothing, tf.float32)
    for number, rows in enumerate(batches):
        counted = of.add(counted, step(number, rows))
    return of.end(counted)


def _metrics(program: Program, found: Any, rows: Data, validation: Data) -> dict[str, float]:
    """Loss and metric of both parts, and learned rates.

    The metric on the rows to train on is without noise where the owner's steps do not report it.
    """
    trained, judged, learned = found
    metrics = _means(program, "train", program.training, trained, rows)
    if not program.training.has_metric:
        metrics = evaluate(program, rows, "train") | metrics
    metrics |= _means(program, "val", program.judging, judged, validation)
    return metrics | {f"rate_{place}": float(rate) for place, rate in enumerate(learned.numpy())}


def _means(program: Program, prefix: str, of: Pass, found: Found, part: Data) -> dict[str, float]:
    loss, metric = of.means(found[0].numpy(), part.n)
    named = {f"{prefix}_loss": loss}
    return named | ({f"{prefix}_{program.metric}": metric} if of.has_metric else {})
