"""Search dropout variant, rate and layer width for a Keras model."""

__version__ = "0.2.0"

DEFAULT_STORAGE = "sqlite:///studies/tuner.db"
"""The store where none is named; its folder is made."""

DEFAULT_STUDY = "noisy_digits"
"""The study that is meant where none is named, and its data."""
