"""What a model says of its training, found out on some rows before anything is trained."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras

from tuner.data.dataset import TrainValidation
from tuner.dropout.keras_internals import is_model
from tuner.errors import UsageError, with_place
from tuner.training.batches import first_rows
from tuner.training.keras_training import compiled_metrics, function_of
from tuner.training.losses import fits
from tuner.training.measures import make_measure
from tuner.training.naming import (
    DEFAULT_METRIC,
    Direction,
    direction_of,
    is_by_row,
    refuse_for_task,
)
from tuner.training.own_steps import Steps
from tuner.training.owner import (
    Rows,
    data_loss,
    reported_by,
    says_loss,
    tests_itself,
    trains_itself,
)

_EXAMPLE = 32


@dataclass(frozen=True)
class Tried:
    """How a model is judged: by which metric, and which way is better, where that is known.

    `reports` are the metrics that it has itself. With steps of its own: whether its train_step
    `takes_penalties`, those of `layer.losses`, and `takes_losses`, through compute_loss; and
    whether its test_step is what judges.
    """

    metric: str
    direction: Direction | None
    reports: tuple[str, ...] = ()
    takes_penalties: bool = True
    takes_losses: bool = True
    tests_itself: bool = False


def try_out(model: keras.Model, data: TrainValidation, metric: str | None) -> Tried:
    """Let a model answer some rows, with its loss and its metrics; its weights are changed.

    Without a `metric` the first that its compile has is chosen, or that of the task.
    Raises UsageError where its loss, or the metric, does not fit the targets.
    """
    task = data.spec.task
    usual = metric or DEFAULT_METRIC[task]
    if not model.compiled and is_by_row(usual, task):
        return Tried(usual, direction_of(usual))
    rows = first_rows(data.train, _EXAMPLE)
    outputs = model(rows[0], training=False)
    own = tests_itself(model)
    with _explained(model, "its loss does not fit the targets"):
        if says_loss(model) and not own:
            data_loss(model, rows, outputs, training=False)
    kinds = _metrics_of(model, rows, outputs)
    if own:
        reported = _reported(model, rows)
        kinds = {name: kinds.get(name, name) for name in reported if name != "loss"} | kinds
    chosen = metric or next(iter(kinds), usual)
    if chosen not in kinds:
        refuse_for_task(chosen, task)
    if chosen not in (*kinds, "loss") and not _is_ours(model, data, chosen):
        with _explained(model, f"metric {chosen!r} does not fit it"):
            measure = make_measure(model, chosen, (rows, outputs), lambda y: y)
            measure.update(rows, outputs)
    direction = direction_of(chosen, of_keras=kinds.get(chosen, ""))
    taken = _taken_by_training(model, rows) if trains_itself(model) else (True, True)
    judges = own and chosen in ("loss", *reported)
    return Tried(chosen, direction, tuple(kinds), *taken, tests_itself=judges)


def _is_ours(model: keras.Model, data: TrainValidation, metric: str) -> bool:
    """Whether the metric of answers for classes or targets is counted here, and not by Keras."""
    return is_by_row(metric, data.spec.task) and is_model(model) and fits(model, data.spec)


def _metrics_of(model: keras.Model, rows: Rows, outputs: Any) -> dict[str, str]:
    """The metrics of a compile by name, each with the name that its kind has in Keras."""
    found = compiled_metrics(model)
    if found is None:
        return {}
    with _explained(model, "its metrics do not fit the targets"):
        found.update_state(rows[1], outputs)
    return dict(zip(reported_by(model, rows[1], outputs), map(_kind, found.metrics), strict=False))


def _kind(metric: keras.metrics.Metric) -> str:
    if type(metric) is keras.metrics.MeanMetricWrapper:
        return str(getattr(function_of(metric), "__name__", metric.name))
    return type(metric).__name__


def _reported(model: keras.Model, rows: Rows) -> tuple[str, ...]:
    steps = Steps(model.test_step)
    with _explained(model, "its test_step fails"):
        steps(rows)
    return steps.names


def _taken_by_training(model: keras.Model, rows: Rows) -> tuple[bool, bool]:
    """Whether a train_step reads the losses of the layers, and calls compute_loss.

    A loss that a layer adds there is of the model that is called: not where only parts of it are.
    """
    with _explained(model, "its train_step fails"), listening(model) as heard:
        model.train_step(rows)
    return bool(heard - {"call"}), heard >= {"call", "compute_loss"}


@contextlib.contextmanager
def listening(model: keras.Model) -> Iterator[set[str]]:
    """Which of `losses` and `compute_loss` of a model are asked for in this block, and its call."""
    heard: set[str] = set()
    plain = type(model)

    def compute_loss(self: Any, *given: Any, **named: Any) -> Any:
        heard.add("compute_loss")
        return plain.compute_loss(self, *given, **named)

    def losses(self: Any) -> Any:
        heard.add("losses")
        return plain.losses.fget(self)

    def call(self: Any, *given: Any, **named: Any) -> Any:
        heard.add("call")
        return plain.__call__(self, *given, **named)

    own = {"compute_loss": compute_loss, "losses": property(losses), "__call__": call}
    model.__class__ = type(plain.__name__, (plain,), own)
    try:
        yield heard
    finally:
        model.__class__ = plain


@contextlib.contextmanager
def _explained(model: keras.Model, what: str) -> Iterator[None]:
    try:
        yield
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"model {model.name!r}: {what}: {with_place(error)}") from error
