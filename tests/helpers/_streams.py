"""tf.data sets from a user's function."""

from tuner.study.definition import StudyDefinition

LOADER = """
import numpy as np
import tensorflow as tf
def rows(task="classes"):
    generator = np.random.default_rng(0)
    y = np.arange(300) % 3
    x = generator.normal(size=(300, 6)) + 1.5 * np.eye(3)[y] @ generator.normal(size=(3, 6))
    return x, y if task == "classes" else x @ np.arange(12.0).reshape(6, 2)
def parts(task="classes"):
    x, y = rows(task)
    cuts = {"train": slice(0, 200), "validation": slice(200, 260), "test": slice(260, 300)}
    return {n: tf.data.Dataset.from_tensor_slices((x[c], y[c])) for n, c in cuts.items()}
def numbers():
    return parts("numbers")
def bare():
    return parts()["train"]
def batched():
    return {name: part.batch(10) for name, part in parts().items()}
def lacking():
    return {name: part for name, part in parts().items() if name != "test"}
def empty():
    return parts() | {"validation": parts()["validation"].take(0)}
def alone():
    return {name: part.map(lambda x, y: x) for name, part in parts().items()}
def one_hot():
    return {name: part.map(lambda x, y: (x, tf.one_hot(y, 3))) for name, part in parts().items()}
"""


def definition(function, **table):
    base = {
        "name": "stream",
        "data": f"stream_data:{function}",
        "space": {"width": [8], "depth": 1},
        "training": {"epochs": 3, "batch_size": 50, "learning_rate": 0.01, "standardize": False},
        "search": {"trials": 5},
    }
    return StudyDefinition.parse(base | table, "test")
