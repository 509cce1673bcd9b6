"""What dropout is said to do to a network, measured on a trained one."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from tuner.data.dataset import TrainValidation
from tuner.data.stored import StoredRows, in_memory
from tuner.dropout.rebuild import Rebuilt
from tuner.dropout.tensors import Tensor
from tuner.training.naming import is_by_row
from tuner.training.prediction import metric_on, predict, weight_of

MOST_ROWS = 2000
NOISE, SALT, CUT = 1.0, 0.1, 0.3
"""The deviation of the noise, in those of the feature; the shares of inputs and of units."""

_N_CUTS = 5
_QUIET, _SELDOM = 0.1, 0.01
_SMALL = 1e-12
Array = NDArray[Any]


def diagnose(rebuilt: Rebuilt, data: TrainValidation, metric: str) -> dict[str, float]:
    """Robustness, complexity and selectivity of a model, on 2,000 rows of the part to judge on.

    noise_gaussian, noise_salt, units_cut: the metric with Gaussian noise of one deviation on the
    inputs, with a tenth of them at the largest value of their feature, with three tenths of the
    hidden units silent (mean of five draws). dead_units, effective_rank, sparsity, selectivity: of
    the hidden activations, means over the dropout places. All draws are the same for all models.
    """
    part, task = data.validation, data.spec.task
    rows = slice(None, None, -(-len(part.x) // MOST_ROWS))
    x, y, weight = in_memory(part.x[rows]), part.y[rows], weight_of(rebuilt, part)
    weight = None if weight is None else weight[rows]

    metric_at = metric_on(rebuilt, data, metric)

    def value(inputs: Tensor) -> float:
        return metric_at(inputs, y, weight)

    generator = np.random.default_rng(0)
    noise = NOISE * generator.standard_normal(x.shape, dtype="float32")
    axes, seen = tuple(range(x.ndim - 1)), data.train.x
    if isinstance(seen, StoredRows):
        seen = seen[:: -(-len(seen) // MOST_ROWS)].read()
    if not data.scaling.is_standard:
        noise = noise * seen.std(axis=axes, dtype="float64").astype("float32")
    salt = np.where(generator.random(x.shape) < SALT, seen.max(axis=axes), x)
    found: dict[str, float] = {}
    if x.dtype.kind == "f" and is_by_row(metric, task):
        found = {"noise_gaussian": value(x + noise), "noise_salt": value(salt)}
    if not rebuilt.site_layers:
        return found
    if is_by_row(metric, task):
        cuts = [_cut(rebuilt, n, lambda: value(x)) for n in range(_N_CUTS)]
        found["units_cut"] = float(np.mean(cuts))
    classes = y if task == "classification" else None
    layers = [_of_layer(each, classes) for each in activations(rebuilt, x)]
    return found | {name: float(np.mean([each[name] for each in layers])) for name in layers[0]}


def activations(rebuilt: Rebuilt, x: Tensor) -> list[Array]:
    """What arrives at each dropout place without noise, [n, units]; of maps the mean over them."""
    seen: dict[int, list[Array]] = {n: [] for n in range(len(rebuilt.site_layers))}

    def keep(place: int, outputs: Tensor) -> Any:
        values = keras.ops.convert_to_numpy(outputs).astype("float64")
        seen[place].append(values.mean(axis=tuple(range(1, values.ndim - 1))))
        return outputs

    with _watched(rebuilt.site_layers, keep):
        predict(rebuilt.plain, x)
    return [np.concatenate(batches) for batches in seen.values()]


def dead_units(values: Array) -> float:
    """The share of units that fewer than 1 % of the rows move; activations [n, units].

    A row moves a unit by more than a tenth of the deviation of the layer's units, off its median.
    """
    moved = np.abs(values - np.median(values, axis=0)) > _QUIET * values.std(axis=0).mean() + _SMALL
    return float((moved.mean(axis=0) < _SELDOM).mean())


def effective_rank(values: Array) -> float:
    """The exponential of the entropy of the normalized singular values of centred activations.

    Roy & Vetterli 2007, The Effective Rank. 1 where all units say the same, at most their number.
    """
    centred = values - values.mean(axis=0)
    singular = np.sqrt(np.maximum(np.linalg.eigvalsh(centred.T @ centred), 0))
    shares = singular / max(singular.sum(), _SMALL)
    shares = shares[shares > _SMALL]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def sparsity(values: Array) -> float:
    """The mean over rows of (sqrt(n) - L1 / L2) / (sqrt(n) - 1) of n units, Hoyer 2004.

    0 where all units are as active, 1 where a single one is.
    """
    root = np.sqrt(values.shape[1])
    lengths = np.linalg.norm(values, axis=1)
    ratios = np.abs(values).sum(axis=1)[lengths > 0] / lengths[lengths > 0]
    return float(((root - ratios) / (root - 1)).mean()) if len(ratios) and root > 1 else 0.0


def selectivity(values: Array, classes: Array) -> float:
    """The mean over units of (a - b) / (a + b): a their mean for their class, b for all others.

    Morcos et al. 2018, On the Importance of Single Directions. Activations are counted from the
    unit's least; a unit that never moves has none.
    """
    positive = values - values.min(axis=0)
    means = np.stack([positive[classes == each].mean(axis=0) for each in np.unique(classes)])
    best = means.max(axis=0)
    others = (means.sum(axis=0) - best) / max(1, len(means) - 1)
    return float(((best - others) / np.maximum(best + others, _SMALL)).mean())


def _of_layer(values: Array, classes: Array | None) -> dict[str, float]:
    found = {
        "dead_units": dead_units(values),
        "effective_rank": effective_rank(values),
        "sparsity": sparsity(values),
    }
    return found if classes is None else found | {"selectivity": selectivity(values, classes)}


def _cut(rebuilt: Rebuilt, number: int, value: Callable[[], float]) -> float:
    """A value with a share of the units of every place silent, the same for all rows."""
    generator = np.random.default_rng((1, number))
    masks: dict[int, Array] = {}

    def silence(place: int, outputs: Tensor) -> Any:
        if place not in masks:
            masks[place] = (generator.random(outputs.shape[-1]) >= CUT).astype("float32")
        return outputs * keras.ops.cast(masks[place], outputs.dtype)

    with _watched(rebuilt.site_layers, silence):
        return value()


@contextlib.contextmanager
def _watched(
    site_layers: Sequence[keras.layers.Layer], through: Callable[[int, Any], Any]
) -> Iterator[None]:
    """Let what comes out of each site go through a function of its place."""

    def watch(place: int, call: Any) -> Callable[..., Any]:
        return lambda *args, **kwargs: through(place, call(*args, **kwargs))

    for place, layer in enumerate(site_layers):
        layer.call = watch(place, layer.call)
    try:
        yield
    finally:
        for layer in site_layers:
            del layer.call
