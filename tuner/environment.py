"""The machine's cores, and what TensorFlow reads from the environment when it is imported."""

import os


def set_environment(*, verbose: bool = False) -> None:
    """Choose the TensorFlow backend of Keras and, unless `verbose`, silence TensorFlow."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    if not verbose:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def n_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
