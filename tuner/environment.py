"""What TensorFlow and Keras read from the environment when they are imported."""

import os


def set_environment(*, verbose: bool = False) -> None:
    """Choose the TensorFlow backend of Keras and, unless `verbose`, silence TensorFlow."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if not verbose:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
