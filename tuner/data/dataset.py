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
    """Everything that a search may see: one fold of it, the first where there are `later_folds`."""

    train: Split
    validation: Split
    spec: Spec
    scaling: Scaling
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    later_folds: tuple["TrainValidation", ...] = ()

    @property
    def folds(self) -> tuple["TrainValidation", ...]:
        """All folds in order, this one first: a trial trains a model on each."""
        return (self, *self.later_folds)

    @property
    def n_train(self) -> int:
        """How many rows a model trains on, on average over the folds."""
        return round(sum(len(fold.train.x) for fold in self.folds) / len(self.folds))

    @property
    def n_validation(self) -> int:
        """How many rows a trial is judged on, those of all folds together."""
        return sum(len(fold.validation.x) for fold in self.folds)


@dataclass(frozen=True)
class Dataset:
    """The development parts, and the sealed test part that no search receives."""

    train_validation: TrainValidation
    test: Split
    fingerprint: str
