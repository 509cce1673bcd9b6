"""How good predicted probabilities are, from arrays."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

_BINS = 15
_SMALL = 1e-7
Array = NDArray[Any]


def metric_of(metric: str, answers: Array, y: Array, y_scale: Array) -> float:
    """The metric of answers [n, k]: probabilities for classes y [n], or standardized targets."""
    if metric == "accuracy":
        return float((answers.argmax(axis=1) == y).mean())
    if metric == "nll":
        return of_classes(answers, y)["nll"]
    errors = (answers - y) * y_scale
    if metric == "mae":
        return float(np.abs(errors).mean())
    mean = float(np.square(errors).mean())
    return math.sqrt(mean) if metric == "rmse" else mean


def of_classes(probabilities: Array, y: Array) -> dict[str, float]:
    """NLL in nats and expected calibration error of probabilities [n, k] for classes y [n].

    The calibration error is the mean, over the examples, of the distance between confidence and
    accuracy in 15 bins of equal width (Guo et al. 2017, On Calibration of Modern Neural Networks).
    """
    chosen = probabilities[np.arange(len(y)), y]
    return {"nll": float(-np.log(np.maximum(chosen, _SMALL)).mean()), "ece": _ece(probabilities, y)}


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


def of_targets(residuals: Array, train_residuals: Array) -> dict[str, float]:
    """NLL in nats of residuals [n, k] under a normal whose variance is that of the train part."""
    variance = np.maximum(np.square(train_residuals).mean(axis=0), _SMALL)
    likelihood = -0.5 * (np.log(2 * math.pi * variance) + np.square(residuals) / variance)
    return {"nll": float(-likelihood.sum(axis=1).mean())}


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
