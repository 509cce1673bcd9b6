"""Search dropout variant, rate and layer width for a Keras model."""

__version__ = "0.1.0"
