"""Data that are learnt in some hundredths of a second, and a study of them."""

import numpy as np

from tuner.study.definition import StudyDefinition


def three_classes(path):
    """Write a learnable problem of three classes in 300 rows."""
    generator = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = generator.normal(size=(300, 6)) + 1.5 * np.eye(3)[y] @ generator.normal(size=(3, 6))
    np.savez(path, x=x.astype("float32"), y=y)
    return path


def definition_of(path):
    """A study of these data."""
    table = {
        "name": "tiny",
        "data": str(path),
        "space": {"width": [8, 16], "depth": 1},
        "training": {"epochs": 3, "batch_size": 50, "learning_rate": 0.01},
        "search": {"trials": 6},
    }
    return StudyDefinition.parse(table, "test")
