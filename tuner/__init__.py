"""Search dropout variant, rate and layer width for a Keras model."""

import warnings
from importlib import import_module
from typing import Any

__version__ = "0.2.0"

DEFAULT_STORAGE = "sqlite:///studies/tuner.db"
"""The store where none is named; its folder is made."""

DEFAULT_STUDY = "noisy_digits"
"""The study that is meant where none is named, and its data."""


_FRONT = {
    "apply": "tuner.dropout",
    "load_model": "tuner.models.opening",
    "open": "tuner.api.store",
    "search": "tuner.api.search",
    "studies": "tuner.api.store",
}
"""What can be called in Python, and where it is."""

_NAMES = {"open": "open_study"}


def __getattr__(name: str) -> Any:
    """A function of the front door; what it needs is imported once it is asked for."""
    if name not in _FRONT:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with warnings.catch_warnings():  # of tqdm, which Optuna has and tuner does not use
        warnings.filterwarnings("ignore", "IProgress not found")
        return getattr(import_module(_FRONT[name]), _NAMES.get(name, name))


def __dir__() -> list[str]:
    return sorted({*globals(), *_FRONT})
