"""What trials are trained and judged on, with the test part apart."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tuner.data._arrays import PerFeature, PerTarget, Weights
from tuner.data.spec import Spec, Task
from tuner.data.structure import n_rows


@dataclass(frozen=True)
class Scaling:
    """The standardization fitted on the train part: (x - mean) / scale, and the same for y.

    Rows that are as they were given have no mean and no scale.
    """

    mean: PerFeature | None
    scale: PerFeature | None
    y_mean: PerTarget
    y_scale: PerTarget

    @property
    def is_standard(self) -> bool:
        """Whether rows have been centred on their own mean, so that their deviation is 1."""
        return self.mean is not None and bool(self.mean.any())


def no_scaling(n_targets: int = 1) -> Scaling:
    """That of rows and targets that stay as they are."""
    return Scaling(None, None, np.zeros(n_targets), np.ones(n_targets))


@dataclass(frozen=True)
class Split:
    """Rows x [n, ...] and their targets y, each an array, or a dict or tuple of arrays.

    Text is an array of str or bytes. `weight` [n] says how much each row counts.
    """

    x: Any
    y: Any
    weight: Weights | None = None

    @property
    def n(self) -> int:
        """How many rows there are."""
        return n_rows(self.x)


@dataclass(frozen=True)
class Given:
    """What is to know of rows that are as they were given: no model has taken them yet.

    `labels` are the classes in their own type, `is_file` says that they are a table of a file of
    ours, `source` what the data are called, `no_matrix` why a table has only columns, `lacks` that
    missing numbers of it are NaN, `no_classes` why targets that may be numbers cannot be classes.
    """

    labels: NDArray[Any] | None = None
    is_file: bool = False
    source: str = "data"
    no_matrix: str = ""
    lacks: bool = False
    no_classes: str = ""


@dataclass(frozen=True)
class TrainValidation:
    """Everything that a search may see: one fold of it, the first where there are `later_folds`.

    `notes` say what was done to the data, a line each. Rows that no model has taken yet, as
    `forming` does it, are `given`. `fill` is a row of what has come where numbers were missing.
    `kinds` are (name, kind) of the columns or arrays as they came.
    """

    train: Split
    validation: Split
    spec: Spec
    scaling: Scaling
    classes: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    later_folds: tuple["TrainValidation", ...] = ()
    notes: tuple[str, ...] = ()
    given: Given | None = None
    fill: Any = None
    kinds: tuple[tuple[str, str], ...] = ()

    @property
    def folds(self) -> tuple["TrainValidation", ...]:
        """All folds in order, this one first: a trial trains a model on each."""
        return (self, *self.later_folds)

    @property
    def split_by(self) -> Task:
        """The task that rows were split by: not by classes where these are too rare for it."""
        return "regression" if self.given and self.given.no_classes else self.spec.task

    @property
    def n_train(self) -> int:
        """How many rows a model trains on, on average over the folds."""
        return round(sum(fold.train.n for fold in self.folds) / len(self.folds))

    @property
    def n_validation(self) -> int:
        """How many rows a trial is judged on, those of all folds together."""
        return sum(fold.validation.n for fold in self.folds)

    @property
    def n_telling(self) -> int:
        """How many rows of equal weights would tell as much as those that judge (Kish 1965)."""
        weights = [fold.validation.weight for fold in self.folds]
        known = [each.astype("float64") for each in weights if isinstance(each, np.ndarray)]
        if len(known) < len(weights):
            return self.n_validation
        whole = np.concatenate(known)
        return max(1, round(float(whole.sum() ** 2 / np.square(whole).sum())))


@dataclass(frozen=True)
class Dataset:
    """The development parts, and the sealed test part that no search receives."""

    train_validation: TrainValidation
    test: Split
    fingerprint: str
