"""What trials are trained and judged on, with the test part apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuner.data._raw import Array
from tuner.data.spec import Spec


@dataclass(frozen=True)
class Scaling:
    """The standardization fitted on the train part: (x - mean) / scale, and the same for y."""

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    y_mean: NDArray[np.float32]
    y_scale: NDArray[np.float32]


@dataclass(frozen=True)
class Split:
    """Standardized rows x [n, ...] float32; y [n] int32 classes or [n, k] float32 targets."""

    x: NDArray[np.float32]
    y: Array


@dataclass(frozen=True)
class TrainValidation:
    """Everything that a search may see."""

    train: Split
    validation: Split
    spec: Spec
    scaling: Scaling
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """The development parts, and the sealed test part that no search receives."""

    train_validation: TrainValidation
    test: Split
    fingerprint: str
