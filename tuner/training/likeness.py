"""What makes two compiles one: equal texts for losses, metrics and optimizers that do the same."""

import types
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from tuner.training.keras_training import compile_arguments, decays
from tuner.training.owner import has_own

_DEEPEST = 8
_NAMES = ("name", "_name")
_OF_KERAS = ("optimizer", "loss", "inputs", "outputs", "output_names", "name", "stop_training")


def compile_likeness(model: keras.Model) -> str:
    """Equal for models that one compiled program can train as their owners say; "" uncompiled.

    Names do not count, nor a learning rate that is a number: it is a variable.
    """
    if not model.compiled:
        return ""
    config = {**compile_arguments(model), "optimizer": None}
    optimizer = f"{optimizer_likeness(model.optimizer)}{undecayed(model)}"
    return f"{likeness(config)}{optimizer}{_steps_likeness(model)}"


def undecayed(model: keras.Model) -> list[int]:
    """The places of the weights that the optimizer of a model was told not to decay."""
    if not model.compiled or model.optimizer is None:
        return []
    weights = enumerate(model.trainable_variables)
    return [place for place, each in weights if not decays(model.optimizer, each)]


def _steps_likeness(model: keras.Model) -> str:
    """What methods of its own read of a model: what is no layer, whose weights are taken over."""
    if not has_own(model, "train_step", "test_step", "compute_loss", "compute_metrics"):
        return ""
    kept = (keras.layers.Layer, keras.Variable, keras.optimizers.Optimizer)
    plain = {*vars(keras.Model()), *_OF_KERAS}
    held = {
        name: value
        for name, value in vars(model).items()
        if name not in plain and not name.startswith("_") and not isinstance(value, kept)
    }
    return f"{_class(model)}{likeness(held)}"


def optimizer_likeness(optimizer: keras.optimizers.Optimizer | None) -> str:
    """Equal for optimizers that differ in name and in a learning rate that is a number at most."""
    if optimizer is None:
        return ""
    config = {**optimizer.get_config(), "name": ""}
    if not isinstance(config.get("learning_rate"), Mapping):
        config.pop("learning_rate", None)
    inner = getattr(optimizer, "inner_optimizer", None)
    if inner is not None:
        config["inner_optimizer"] = optimizer_likeness(inner)
    return f"{_class(optimizer)}{likeness(config)}"


def likeness(thing: Any, depth: int = 0) -> str:
    """A text that is equal for things that do the same, as far as can be seen.

    Objects are alike by class and attributes, functions by code and what they have closed over;
    of what is left the identity counts.
    """
    if isinstance(thing, str | int | float | bool | bytes | type(None)):
        return repr(thing)
    if isinstance(thing, type):
        return f"{thing.__module__}.{thing.__qualname__}#{id(thing)}"
    if depth > _DEEPEST:
        return _identity(thing)
    if isinstance(thing, Mapping):
        inner = (f"{key!r}:{likeness(value, depth + 1)}" for key, value in thing.items())
        return f"{{{','.join(inner)}}}"
    if isinstance(thing, list | tuple | set | frozenset):
        return f"[{','.join(likeness(each, depth + 1) for each in thing)}]"
    if isinstance(thing, types.FunctionType):
        return _of_function(thing, depth)
    return _of_object(thing, depth)


def _of_function(function: types.FunctionType, depth: int) -> str:
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    held = (cells, function.__defaults__, function.__kwdefaults__)
    code = function.__code__
    globals_ = id(function.__globals__)
    return f"{code.co_name}#{hash(code)}#{globals_}{likeness(held, depth + 1)}"


def _of_object(thing: Any, depth: int) -> str:
    if isinstance(thing, keras.metrics.Metric):
        # their variables are state of the loop, which begins with each part
        return f"{_class(thing)}{likeness(_plain(thing), depth + 1)}"
    if isinstance(thing, np.ndarray | np.generic):
        return f"{thing.dtype}{thing.shape}{thing.tobytes()!r}"
    if isinstance(thing, types.MethodType):
        return likeness((thing.__func__, thing.__self__), depth + 1)
    if isinstance(thing, keras.Variable) or not hasattr(thing, "__dict__"):
        return _identity(thing)
    held = {key: value for key, value in vars(thing).items() if key not in _NAMES}
    return f"{_class(thing)}{likeness(held, depth + 1)}"


def _plain(metric: keras.metrics.Metric) -> dict[str, Any]:
    hidden = ("_variables", "_metrics", "_tracker", *_NAMES)
    return {
        key: value
        for key, value in vars(metric).items()
        if key not in hidden and not isinstance(value, keras.Variable)
    }


def _class(thing: Any) -> str:
    return likeness(type(thing))


def _identity(thing: Any) -> str:
    return f"{type(thing).__qualname__}#{id(thing)}"
