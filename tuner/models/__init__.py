"""The built-in models, by name: one file and one line here each."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuner.schema import Axis

MODELS = {
    "mlp": "tuner.models.mlp:build",
    "cnn": "tuner.models.cnn:build",
    "text": "tuner.models.text:build",
}

OF_COLUMNS = ("text",)
"""Those that take columns as they are: other rows are prepared before a model is known."""

OF_IMAGES = ("cnn",)
"""Those that take images, so that rows (height, width) are some of one channel."""

HEADS = {"classification": "softmax", "multilabel": "sigmoid"}
"""The activations that the built-in models end with, by task."""

DEFAULT_AXES: "dict[str, Axis]" = {"width": (64, 256, 512), "depth": 2}
"""What is searched of a model that does not say, where the study file does not."""
