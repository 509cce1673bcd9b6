"""A model with another dropout at its sites."""

from collections.abc import Sequence
from typing import Any

import keras

from tuner import importer
from tuner.dropout._examples import told_by_fit
from tuner.dropout.graph import ends_in_probabilities, has_one_output
from tuner.dropout.rebuild import copy_of_model, rebuild
from tuner.dropout.sites import find_sites
from tuner.dropout.variant import Variant
from tuner.errors import UsageError, unknown
from tuner.schema import VARIANTS

_FACTS = ("n_train", "n_steps", "task")
"""What a variant may need to know besides its hyperparameters."""


def apply(
    model: keras.Model, variant: str, rate: float | Sequence[float] = 0.0, **hyperparameters: Any
) -> keras.Model:
    """A copy of a model with a variant at every Dropout layer, to be compiled and fitted.

    `rate` may be a list, with one for each place in the order of `tuner sites`. Weights are copied;
    `model` stays as it is. One that is subclassed, or has layers that cannot be made from their
    configuration, is changed in place and returned. Beside the hyperparameters of the variant
    (`tuner variants NAME`), some need `n_steps`, the number of steps of the whole training
    (scheduled, and where something ramps or warms up), or `task`, "classification" or
    "regression", where the activation of the last layer does not tell (concrete, variational, mc).
    `n_train`, the number of training examples (concrete, variational), `fit` tells them of arrays;
    for a stream, or a loop of your own, it has to be given. Of "targeted" the rate is
    target_fraction x drop_prob; without these half of the weights are targets.

    Raises UsageError where a name is unknown, something is missing, or the variant does not fit.

    Example:
        >>> layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.5)]
        >>> model = keras.Sequential([keras.Input((4,)), *layers, keras.layers.Dense(2, "softmax")])
        >>> [layer.name for layer in apply(model, "concrete", 0.1).layers]
        ['dense', 'dropout', 'dense_1']
    """
    if variant not in VARIANTS:
        raise UsageError(unknown("variant", variant, VARIANTS))
    chosen: Variant = importer.load(VARIANTS[variant]).given(hyperparameters)
    known = {*chosen.hyperparameters, *importer.load(VARIANTS[variant]).hyperparameters, *_FACTS}
    for name in hyperparameters:
        if name not in known:
            raise UsageError(f"variant {variant!r}: {unknown('hyperparameter', name, known)}")
    try:
        rates = {"rate": rate} if isinstance(rate, int | float) else _each(rate, model)
        values = chosen.complete({**rates, **_task(model), **hyperparameters})
        found = rebuild(copy_of_model(model), chosen, values).model
    except KeyError as error:
        raise UsageError(f"variant {variant!r} needs {error.args[0]}=...") from None
    except ValueError as error:
        raise UsageError(f"variant {variant!r}: {error}") from None
    if "n_train" not in values:
        told_by_fit(found)
    return found


def _each(rates: Sequence[float], model: keras.Model) -> dict[str, Any]:
    """A rate for each place."""
    n = len(find_sites(model, looks=False))
    if len(rates) != n:
        raise UsageError(f"model {model.name!r} has {n} dropout sites, got {len(rates)} rates")
    return {"rate": float(rates[0]), "rates": [float(rate) for rate in rates]}


def _task(model: keras.Model) -> dict[str, str]:
    """What the activation of the last layer says of the targets, if it does."""
    is_told = has_one_output(model) and ends_in_probabilities(model)
    return {"task": "classification"} if is_told else {}
