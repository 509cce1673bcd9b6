"""What a value may measure: every metric's name, the tasks that it is for, which way is better."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tuner.data.spec import Task
from tuner.errors import UsageError

Direction = Literal["maximize", "minimize"]
_CLASSES: tuple[Task, ...] = ("classification",)
_SINGLE: tuple[Task, ...] = ("classification", "own")
_NUMBERS: tuple[Task, ...] = ("regression", "own")
_ANSWERS: tuple[Task, ...] = ("classification", "multilabel", "own")
_ALL: tuple[Task, ...] = ("classification", "regression", "multilabel", "own")


@dataclass(frozen=True)
class Metric:
    """What a trial's value measures on the validation part, and which way is better.

    `of_keras` is the name that Keras has for it, where it is one of Keras's; between its `ends` all
    its values lie.
    """

    tasks: tuple[Task, ...]
    direction: Direction
    of_keras: str = ""
    ends: tuple[float, float] = (-math.inf, math.inf)


_SHARE = (0.0, 1.0)
_ERROR = (0.0, math.inf)

METRICS = {
    "accuracy": Metric(_ANSWERS, "maximize", ends=_SHARE),
    "nll": Metric(("classification", "regression"), "minimize"),
    "rmse": Metric(_NUMBERS, "minimize", "root_mean_squared_error", _ERROR),
    "mae": Metric(_NUMBERS, "minimize", "mean_absolute_error", _ERROR),
    "mse": Metric(_NUMBERS, "minimize", "mean_squared_error", _ERROR),
    "loss": Metric(_ALL, "minimize"),
    "auc": Metric(_ANSWERS, "maximize", "auc", _SHARE),
    "auc_pr": Metric(_ANSWERS, "maximize", "auc", _SHARE),
    "f1": Metric(_ANSWERS, "maximize", "f1_score", _SHARE),
    "precision": Metric(_ANSWERS, "maximize", "precision", _SHARE),
    "recall": Metric(_ANSWERS, "maximize", "recall", _SHARE),
    "top_5": Metric(
        ("classification", "own"), "maximize", "sparse_top_k_categorical_accuracy", _SHARE
    ),
    "iou": Metric(("classification", "own"), "maximize", "mean_io_u", _SHARE),
    "r2": Metric(_NUMBERS, "maximize", "r2_score", (-math.inf, 1.0)),
    "mape": Metric(_NUMBERS, "minimize", "mean_absolute_percentage_error", _ERROR),
    "msle": Metric(_NUMBERS, "minimize", "mean_squared_logarithmic_error", _ERROR),
    "cosine_similarity": Metric(_NUMBERS, "maximize", "cosine_similarity", (-1.0, 1.0)),
}
"""The names that help and messages give; any other of Keras's by its own name there."""

DEFAULT_METRIC: Mapping[Task, str] = {
    "classification": "accuracy",
    "regression": "rmse",
    "multilabel": "f1",
    "own": "loss",
}

_BY_ROW: Mapping[Task, Sequence[str]] = {
    "classification": ("accuracy", "nll"),
    "regression": ("nll", "rmse", "mae", "mse"),
}

_OWN = "a task of its own"

SHARES = ("accuracy",)
"""Shares of the rows, which are binomial: their noise follows from the number of rows."""

_RISING = (
    "accuracy", "acc", "auc", "f1score", "fbetascore", "precision", "recall", "iou", "r2score",
    "cosinesimilarity", "pearsoncorrelation", "concordancecorrelation", "positives", "negatives",
    "atspecificity", "atsensitivity", "atrecall", "atprecision",
)  # fmt: skip
_FALLING = (
    "error", "loss", "crossentropy", "hinge", "divergence", "poisson", "falsepositives",
    "falsenegatives", "mse", "mae", "mape", "msle", "rmse", "nll", "logcosh",
)  # fmt: skip
_TOP = re.compile(r"top_(\d+)")


def top_of(name: str) -> int | None:
    """5 of "top_5"."""
    found = _TOP.fullmatch(name)
    return None if found is None else int(found[1])


def is_by_row(metric: str, task: Task) -> bool:
    """Whether a metric of the task is a mean over the rows, or the root of one."""
    return metric in _BY_ROW.get(task, ())


def refuse_for_task(metric: str, task: Task) -> None:
    """Raise UsageError for a metric of ours that is for other targets."""
    if metric not in METRICS or task in METRICS[metric].tasks:
        return
    fitting = [name for name, each in METRICS.items() if task in each.tasks]
    others = " or ".join(_OWN if each == "own" else each for each in METRICS[metric].tasks)
    made = _OWN if task == "own" else f"a {task}"
    raise UsageError(
        f"metric {metric!r} is for {others}, the targets make it {made} ({', '.join(fitting)})"
    )


def possible(values: Iterable[float], metric: str) -> list[float]:
    """An estimate and the ends of its interval, within what a metric can be.

    Those that all lie beyond are of another metric that has its name, as one in percent.
    """
    found = [*values]
    low, high = METRICS[metric].ends if metric in METRICS else (-math.inf, math.inf)
    if not any(low <= each <= high for each in found):
        return found
    return [min(max(each, low), high) for each in found]


def direction_of(name: str, *, of_keras: str = "") -> Direction | None:
    """Which way is better, by the name of a metric or that of its class in Keras; None unknown.

    An output may stand before it, as in "price.mae"; a module's own functions say nothing.
    """
    last = (of_keras or name).rpartition(".")[2]
    if last in METRICS:
        return METRICS[last].direction
    plain = re.sub(r"_\d+$", "", last).replace("_", "").lower()
    if ":" in name and not of_keras:
        return None
    if top_of(last) is not None or plain.endswith("topkcategoricalaccuracy"):
        return "maximize"
    if plain.endswith(_FALLING):
        return "minimize"
    return "maximize" if plain.endswith(_RISING) else None


def known_direction(name: str, given: Direction | None) -> Direction:
    """The direction that a study says, or else the one that the metric has."""
    found = given or direction_of(name)
    if found is None:
        raise UsageError(
            f"metric {name!r}: whether more is better is not known:"
            ' give direction = "maximize" or "minimize" beside it'
        )
    return found
