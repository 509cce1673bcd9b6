"""Dense layers with noise on their weights, in one call: `units` and what Dense takes besides."""

from typing import Any

import keras

from tuner.dropout.dropconnect import DropConnect
from tuner.dropout.targeted import TargetedDropout
from tuner.dropout.variational import VariationalDropout


def DropConnectDense(  # noqa: N802 (it makes a layer, as keras.Input does)
    units: int,
    rate: float,
    *,
    mask_scope: str = "gaussian",
    inference: str = "mean",
    seed: int | None = None,
    **dense: Any,
) -> DropConnect:
    """A Dense layer whose weights are dropped with probability `rate`; see DropConnect."""
    layer = keras.layers.Dense(units, **dense)
    return DropConnect(layer, rate, mask_scope=mask_scope, inference=inference, seed=seed)


def VariationalDense(  # noqa: N802
    units: int,
    rate: float,
    n_train: int,
    *,
    noise: str = "B",
    granularity: str = "neuron",
    kl_weight: float = 1.0,
    seed: int | None = None,
    **dense: Any,
) -> VariationalDropout:
    """A Dense layer with learned Gaussian noise on its weights; see VariationalDropout."""
    layer = keras.layers.Dense(units, **dense)
    return VariationalDropout(
        layer,
        rate,
        n_train,
        noise=noise,
        granularity=granularity,
        kl_weight=kl_weight,
        seed=seed,
    )


def TargetedDropoutDense(  # noqa: N802
    units: int,
    target_fraction: float,
    drop_prob: float,
    *,
    level: str = "weight",
    inference: str = "dense",
    seed: int | None = None,
    **dense: Any,
) -> TargetedDropout:
    """A Dense layer whose smallest weights are dropped; see TargetedDropout."""
    layer = keras.layers.Dense(units, **dense)
    return TargetedDropout(
        layer, target_fraction, drop_prob, level=level, inference=inference, seed=seed
    )
