"""What a trained model is worth beyond its metric: probabilities, and what noise says of them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data.dataset import TrainValidation
from tuner.data.stored import is_array
from tuner.dropout.keras_internals import is_model
from tuner.dropout.rebuild import Rebuilt
from tuner.training.diagnostics import diagnose
from tuner.training.losses import fits
from tuner.training.metrics import metric_of, nll_of_targets, of_classes, of_uncertainty, prefixed
from tuner.training.naming import is_by_row
from tuner.training.prediction import answer, nll_on, noise_variance, weight_of

_PASSES = 20


def is_plain(rebuilt: Rebuilt, data: TrainValidation) -> bool:
    """Whether rows and answers are an array each, numbers, of a model with a graph."""
    if data.spec.task not in ("classification", "regression") or not is_model(rebuilt.plain):
        return False
    x, y = data.train.x, data.train.y
    if not (is_array(x) and x.dtype.kind in "fiub" and isinstance(y, np.ndarray)):
        return False
    is_usual = y.ndim == (1 if data.spec.task == "classification" else 2)
    return is_usual and fits(rebuilt.model, data.spec)


def assess(rebuilt: Rebuilt, data: TrainValidation, metric: str) -> dict[str, float]:
    """Of classes NLL, calibration error, and how well the entropy ranks the errors; of targets NLL.

    Nothing is known where answers or rows are not one array, or a model has no graph.

    All on the part to judge on; where a pass can be noisy, the metric and the same of 20 such
    passes as `passes_...` (of their mean; the NLL of targets is that of the mean of their
    densities), and the metric of a single pass of the same model without noise as `scaled_...`.
    With what `diagnose` measures.
    """
    task, part, y_scale = data.spec.task, data.validation, data.scaling.y_scale
    if not is_plain(rebuilt, data):
        return {}
    weight = weight_of(rebuilt, part)
    variance = noise_variance(rebuilt, data) if task == "regression" else None

    def quality(passes: NDArray[Any]) -> dict[str, float]:
        """Of passes [T, n, k]."""
        if variance is not None:
            return {"nll": nll_of_targets(passes, part.y, variance, y_scale, weight)}
        mean = passes.mean(axis=0)
        return of_classes(mean, part.y, weight) | of_uncertainty(mean, part.y)

    def value(passes: NDArray[Any]) -> float:
        """The metric of passes [T, n, k]."""
        if metric == "nll":
            return quality(passes)["nll"]
        return metric_of(metric, passes.mean(axis=0), part.y, y_scale, weight)

    if variance is None:
        found = quality(answer(rebuilt.model, part.x, task)[None])
    else:
        found = {"nll": nll_on(rebuilt, data)(part.x, part.y, weight)}
    found |= diagnose(rebuilt, data, metric)
    scaled, first = (answer(rebuilt.plain, part.x, task, number) for number in (None, 0))
    if not np.array_equal(first, scaled):
        others = [answer(rebuilt.plain, part.x, task, n) for n in range(1, _PASSES)]
        passes = np.stack([first, *others])
        found |= prefixed("passes_", quality(passes))
        if is_by_row(metric, task):
            found |= {f"passes_{metric}": value(passes), f"scaled_{metric}": value(scaled[None])}
    return found
