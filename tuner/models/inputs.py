"""Which rows of the data a model takes: by the names and types of its inputs."""

from collections.abc import Callable
from typing import Any

import keras

from tuner.data.forming import as_matrix
from tuner.data.structure import describe, leaves, specs
from tuner.data.tables import Table
from tuner.errors import UsageError

Rows = Callable[[Any], Any]
"""The x of the data -> that of a model."""


def inputs_of(model: keras.Model) -> Any:
    """The input tensors of a Sequential or Functional model, as it takes them; None of others."""
    if not isinstance(model, keras.Sequential | keras.Function) or not model.built:
        return None
    given = model.inputs if isinstance(model, keras.Sequential) else model.input
    is_one = isinstance(given, list | tuple) and len(given) == 1
    return given[0] if is_one else given


def rows_for(model: keras.Model, x: Any, source: str, no_matrix: str = "") -> Rows:
    """What picks out of `x` what the model takes, in its order.

    A table gives its matrix, the columns that inputs are named after, or its one column of text.
    Raises UsageError where names or numbers of arrays do not fit, or where a model takes a matrix
    and there is none, for the reason given.
    """
    inputs = inputs_of(model)
    if inputs is None:
        return as_matrix
    if isinstance(inputs, keras.KerasTensor):
        return _for_one(inputs, x, source, no_matrix)
    columns = x.columns if isinstance(x, Table) else x
    if isinstance(inputs, dict):
        return _by_names(list(inputs), columns, dict, source)
    if isinstance(columns, dict):
        return _by_names([tensor.name for tensor in inputs], columns, tuple, source)
    if not isinstance(columns, tuple) or len(columns) != len(inputs):
        raise _misfit(model, x, source)
    return _itself


def _itself(x: Any) -> Any:
    return x


def _is_single(x: Any) -> bool:
    return isinstance(x, dict | tuple) and len(x) == 1


def _only(x: Any) -> Any:
    return leaves(x)[0]


def _for_one(tensor: keras.KerasTensor, x: Any, source: str, no_matrix: str) -> Rows:
    if _is_single(x) and not (no_matrix and tensor.dtype != "string"):
        return _only
    columns = x.columns if isinstance(x, Table) else x
    if isinstance(columns, dict) and tensor.dtype == "string":
        texts = [name for name, array in columns.items() if specs(array).dtype == "string"]
        if len(texts) == 1:
            return lambda given: _columns(given)[texts[0]]
    if isinstance(columns, dict) and tensor.name in columns and not isinstance(x, Table):
        return lambda given: given[tensor.name]
    if no_matrix and tensor.dtype != "string":
        raise UsageError(f"{source}: {no_matrix}")
    if isinstance(x, dict | tuple):
        raise UsageError(
            f"the model takes one array of rows, {tensor.shape[1:]} {tensor.dtype}, {source!r} has"
            f" {describe(specs(x))}"
        )
    return as_matrix


def left_out(x: Any, picked: Any) -> list[str]:
    """The columns that are not among the arrays which were picked out of x."""
    taken = set(map(id, leaves(picked)))
    if isinstance(x, Table) and id(x.matrix) in taken:
        return []
    columns = _columns(x)
    if not isinstance(columns, dict):
        return []
    return [name for name, column in columns.items() if id(column) not in taken]


def _columns(x: Any) -> Any:
    return x.columns if isinstance(x, Table) else x


def _by_names(names: list[str], columns: Any, kind: type, source: str) -> Rows:
    """The arrays of these names, as a dict or a tuple."""
    found = columns if isinstance(columns, dict) else {}
    missing = [name for name in names if name not in found]
    if missing:
        has = ", ".join(found) or describe(specs(columns))
        raise UsageError(
            f"the model takes inputs named {', '.join(names)}, {source!r} has {has}: no"
            f" {', '.join(missing)}"
        )
    if kind is tuple:
        return lambda given: tuple(_columns(given)[name] for name in names)
    return lambda given: {name: _columns(given)[name] for name in names}


def _misfit(model: keras.Model, x: Any, source: str) -> UsageError:
    taken = " and ".join(f"{tensor.shape[1:]} {tensor.dtype}" for tensor in model.inputs)
    return UsageError(f"the model takes {taken}, {source!r} has {describe(specs(x))}")


def check_shapes(model: keras.Model, x: Any, source: str) -> None:
    """Raise UsageError where an array is not what the input that takes it says."""
    inputs = inputs_of(model)
    if inputs is None:
        return
    for tensor, row in zip(keras.tree.flatten(inputs), leaves(specs(x)), strict=True):
        if not (_fits(tensor.shape[1:], row.shape) and _is_alike(tensor.dtype, row.dtype)):
            raise UsageError(
                f"input {tensor.name!r} of the model takes rows of {tensor.shape[1:]}"
                f" {tensor.dtype}, {source!r} has {describe(row)}"
            )


def _fits(wanted: tuple[int | None, ...], shape: tuple[int | None, ...]) -> bool:
    """Whether a row has that shape, but for an axis of 1 at the end that Keras adds or removes."""
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) == len(wanted) - 1 and wanted[-1] == 1:
        wanted = wanted[:-1]
    return len(shape) == len(wanted) and all(
        None in (a, b) or a == b for a, b in zip(wanted, shape, strict=True)
    )


def _is_alike(wanted: str, given: str) -> bool:
    """Text for text, and no fractions where ids are wanted."""
    if "string" in (wanted, given):
        return wanted == given
    return not ("int" in wanted and "float" in given)
