"""What trials are trained and judged on, with the test part apart."""

from dataclasses import dataclass

from tuner.data._arrays import PerFeature, PerTarget, Rows, Targets
from tuner.data.spec import Spec


@dataclass(frozen=True)
class Scaling:
    """The standardization fitted on the train part: (x - mean) / scale, and the same for y."""

    mean: PerFeature
    scale: PerFeature
    y_mean: PerTarget
    y_scale: PerTarget


@dataclass(frozen=True)
class Split:
    """Standardized rows x [n, ...] float32; y [n] int32 classes or [n, k] float32 targets."""

    x: Rows
    y: Targets


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
