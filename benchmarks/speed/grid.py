"""The configurations that every contender trains."""

RATES = (0.1, 0.25, 0.4, 0.55)
WIDTHS = {"mlp": (64, 256, 512), "cnn": (8, 16, 32)}
BATCH = 128
VARIANTS = ("none", "standard", "gaussian", "alpha")
"""Those that Keras has a layer for."""
