"""How good predicted probabilities and targets are, from arrays."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.metrics import roc_auc_score

LEAST_VARIANCE = 1e-7
"""Of residuals, as a network may know the rows that it was trained on by heart."""

_BINS = 15
_SMALL = 1e-7
Array = NDArray[Any]


def metric_of(
    metric: str, answers: Array, y: Array, y_scale: Array, weight: Array | None = None
) -> float:
    """The metric of answers [n, k]: probabilities for classes y [n], or standardized targets.

    Rows count by their `weight` [n]. The NLL of targets needs a variance too: `nll_of_targets`.
    """
    if metric == "accuracy":
        return _mean(answers.argmax(axis=1) == y, weight)
    if metric == "nll":
        return of_classes(answers, y, weight)["nll"]
    errors = (answers - y) * y_scale
    if metric == "mae":
        return _mean(np.abs(errors).mean(axis=1), weight)
    mean = _mean(np.square(errors).mean(axis=1), weight)
    return math.sqrt(mean) if metric == "rmse" else mean


def of_classes(probabilities: Array, y: Array, weight: Array | None = None) -> dict[str, float]:
    """NLL in nats and expected calibration error of probabilities [n, k] for classes y [n].

    Rows count by their `weight` [n], but for the calibration error. That is the mean, over the
    examples, of the distance between confidence and accuracy in 15 bins of equal width (Guo et al.
    2017, On Calibration of Modern Neural Networks).
    """
    chosen = probabilities[np.arange(len(y)), y]
    nll = _mean(-np.log(np.maximum(chosen, _SMALL)), weight)
    return {"nll": nll, "ece": _ece(probabilities, y)}


def of_uncertainty(probabilities: Array, y: Array) -> dict[str, float]:
    """How well the entropy of probabilities [n, k] ranks their own errors, as an area under ROC.

    0.5 is chance, 1 ranks every error above every right answer; absent where there is no error, or
    nothing else.
    """
    wrong = probabilities.argmax(axis=1) != y
    if wrong.all() or not wrong.any():
        return {}
    entropy = -(probabilities * np.log(np.maximum(probabilities, _SMALL))).sum(axis=1)
    return {"auroc": float(roc_auc_score(wrong, entropy))}


def nll_of_targets(
    passes: Array, y: Array, variance: Array, y_scale: Array, weight: Array | None = None
) -> float:
    """NLL in nats a row of targets y [n, k], standardized, in the units that `y_scale` [k] gives.

    The density of a row is the mean over `passes` [T, n, k] of normal ones of `variance` [k]; the
    log densities of its k targets add up (Gal & Ghahramani 2016, appendix 4). Rows count by their
    `weight` [n].
    """
    logs = -0.5 * (np.square(passes - y) / variance + np.log(2 * math.pi * variance)).sum(axis=-1)
    densities = logsumexp(logs, axis=0) - math.log(len(passes))
    return float(np.log(y_scale).sum() - _mean(densities, weight))


def _mean(values: Array, weight: Array | None) -> float:
    return float(values.mean() if weight is None else np.average(values, weights=weight))


def prefixed(prefix: str, values: Mapping[str, float]) -> dict[str, float]:
    """The same values under other names."""
    return {f"{prefix}{name}": value for name, value in values.items()}


def _ece(probabilities: Array, y: Array) -> float:
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == y
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    distance = 0.0
    for number in np.unique(bins):
        here = bins == number
        distance += here.mean() * abs(confidence[here].mean() - right[here].mean())
    return float(distance)
