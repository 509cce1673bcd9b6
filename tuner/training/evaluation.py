"""What a trained model is worth beyond its metric: probabilities, and what noise says of them."""

from typing import Any

import numpy as np

from tuner.data.dataset import TrainValidation
from tuner.dropout.rebuild import Rebuilt
from tuner.training.diagnostics import diagnose
from tuner.training.metrics import metric_of, of_classes, of_targets, of_uncertainty, prefixed
from tuner.training.prediction import answer

_PASSES = 20


def assess(rebuilt: Rebuilt, data: TrainValidation, metric: str) -> dict[str, float]:
    """Of classes NLL, calibration error, and how well the entropy ranks the errors; of targets NLL.

    All on the part to judge on; where a pass can be noisy, the metric and the same of the mean of
    20 such passes as `passes_...`, and the metric of a single pass of the same model without noise
    as `scaled_...`. With what `diagnose` measures.
    """
    model, task = rebuilt.model, data.spec.task
    part, y_scale = data.validation, data.scaling.y_scale
    answers = answer(model, part.x, task)

    def quality(answers: Any) -> dict[str, float]:
        if task == "regression":
            return {}
        return of_classes(answers, part.y) | of_uncertainty(answers, part.y)

    found = quality(answers) | diagnose(rebuilt, data, metric)
    if task == "regression":
        train = answer(model, data.train.x, task) - data.train.y
        found |= of_targets(answers - part.y, train)
    scaled, first = (answer(rebuilt.plain, part.x, task, number) for number in (None, 0))
    if not np.array_equal(first, scaled):
        others = [answer(rebuilt.plain, part.x, task, n) for n in range(1, _PASSES)]
        mean = np.mean([first, *others], axis=0)
        found |= prefixed("passes_", quality(mean))
        found[f"passes_{metric}"] = metric_of(metric, mean, part.y, y_scale)
        found[f"scaled_{metric}"] = metric_of(metric, scaled, part.y, y_scale)
    return found
