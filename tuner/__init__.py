"""Search dropout variant, rate and layer width for a Keras model."""

from tuner.dropout.registration import register_when_keras_is_there

__version__ = "0.1.0"

DEFAULT_STORAGE = "sqlite:///studies/tuner.db"
"""The store where none is named; its folder is made."""

register_when_keras_is_there()
