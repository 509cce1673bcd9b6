"""Training: one model with one variant, epoch by epoch, without a study.

`train` trains a model and says what it reached; `TrainingSettings` says how. Importing the package
imports no other; the first use of a name does.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuner.training.one_model import Trained, train
    from tuner.training.settings import TrainingSettings

__all__ = ["Trained", "TrainingSettings", "train"]

_MODULES = {"Trained": "one_model", "TrainingSettings": "settings", "train": "one_model"}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return getattr(importlib.import_module(f"tuner.training.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
