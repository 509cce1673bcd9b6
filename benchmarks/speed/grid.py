"""The configurations that every contender trains."""

RATES = (0.1, 0.25, 0.4, 0.55)
WIDTHS = {
    "mlp": (64, 256, 512),
    "cnn": (8, 16, 32),
    "bilstm": (16, 32, 64),
    "transformer": (32, 64, 128),
    "efficientnet": (8, 12, 16),
}
BATCH = 128
ELSEWHERE = 0.1
"""The rate at the places of other kinds than units."""
KINDS = {"bilstm": ("embedding",), "transformer": ("attention",), "efficientnet": ("path",)}
"""What these kinds are."""
VARIANTS = ("none", "standard", "gaussian", "alpha")
"""Those that Keras has a layer for."""
