"""The machine's cores, and what libraries read from the environment when they are imported."""

import os
import sys
from pathlib import Path

_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


def set_environment(*, verbose: bool = False) -> None:
    """Choose the TensorFlow backend of Keras and, unless `verbose`, silence TensorFlow.

    MLflow is not to report to its makers that it was used.
    """
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    if not verbose:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def n_cores() -> int:
    """The cores that this process may use, a container's share of them counted."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(cores or 1, _share()))


def _share() -> int:
    """The whole cores that a control group leaves to this process (cgroup v2)."""
    try:
        quota, period = _CPU_MAX.read_text(encoding="ascii").split()
        return int(quota) // int(period)
    except (OSError, ValueError):  # no control group, or no limit: "max"
        return sys.maxsize
