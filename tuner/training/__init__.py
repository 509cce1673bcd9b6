"""Training: one model with one variant, epoch by epoch, without a study.

`train` trains a model and says what it reached; `TrainingSettings` says how. Importing the package
imports neither Keras nor TensorFlow; the first use of `train` does.
"""

import importlib
from typing import TYPE_CHECKING, Any

from tuner.training.settings import TrainingSettings

if TYPE_CHECKING:
    from tuner.training.one_model import Trained, train

__all__ = ["Trained", "TrainingSettings", "train"]


def __getattr__(name: str) -> Any:
    if name in ("Trained", "train"):
        return getattr(importlib.import_module("tuner.training.one_model"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
