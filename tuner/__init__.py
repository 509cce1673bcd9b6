"""Search dropout variant, rate and layer width for a Keras model."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

DEFAULT_STORAGE = "sqlite:///studies/tuner.db"
"""The store where none is named; its folder is made."""

DEFAULT_STUDY = "noisy_digits"
"""The study that is meant where none is named, and its data."""


def __getattr__(name: str) -> Any:
    """`tuner.load_model`, which imports Keras once it is asked for."""
    if name != "load_model":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module("tuner.models.opening").load_model
