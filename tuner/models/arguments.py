"""Classes of a user's with a file of theirs, though they say nothing of how they are made."""

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

_OF_KERAS = ("name", "trainable", "dtype", "reduction")
"""What Keras writes into each configuration, whether or not the class takes it."""

_OPENED = (keras.Operation, keras.Model, keras.losses.Loss, keras.metrics.Metric)


@contextmanager
def arguments_kept() -> Iterator[None]:
    """Subclassed models made in here keep their arguments for `get_config`, as layers do."""
    plain = keras.Model.__dict__["__new__"]

    def new(cls: type[keras.Model], *args: Any, **kwargs: Any) -> keras.Model:
        if cls is keras.Model:  # of tensors
            return plain(cls, *args, **kwargs)
        args, kwargs = keras.tree.map_structure(_plain, (args, kwargs))
        return super(keras.Model, cls).__new__(cls, *args, **kwargs)

    keras.Model.__new__ = new
    try:
        yield
    finally:
        keras.Model.__new__ = plain


@contextmanager
def only_what_is_taken() -> Iterator[None]:
    """Classes opened in here are not given what their `__init__` does not take.

    Nor is it said that a layer without `build` has none: it is called right after.
    """
    plain = {each: each.__dict__["from_config"] for each in _OPENED}

    def fitting(found: Any) -> Any:
        def from_config(cls: type[Any], config: dict[str, Any], *rest: Any, **kwargs: Any) -> Any:
            taken = inspect.signature(cls.__init__).parameters
            if not any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values()):
                foreign = [name for name in _OF_KERAS if name not in taken]
                config = {name: value for name, value in config.items() if name not in foreign}
            return found.__func__(cls, config, *rest, **kwargs)

        return classmethod(from_config)

    for each, found in plain.items():
        each.from_config = fitting(found)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", r"`build\(\)` was called on layer", UserWarning)
            yield
    finally:
        for each, found in plain.items():
            each.from_config = found


def _plain(value: Any) -> Any:
    """A number of NumPy as one of Python, which Keras can write down."""
    return value.item() if isinstance(value, np.generic) else value
