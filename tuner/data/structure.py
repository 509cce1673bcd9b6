"""Arrays in structures: one alone, or a dict or tuple of them, with the same rows in each."""

from collections.abc import Callable
from typing import Any

import optree

from tuner.data.spec import RowSpec


def leaves(structure: Any) -> list[Any]:
    """The arrays of a structure, those of a dict in the order of their names."""
    return optree.tree_leaves(structure)


def each(of: Callable[..., Any], structure: Any, *others: Any) -> Any:
    """The structure of what `of` gives for each array, and its like in `others`; None stays."""
    return optree.tree_map(of, structure, *others)


def named_leaves(structure: Any, path: str = "") -> list[tuple[str, Any]]:
    """The arrays of a structure after where they are in it: "" of one alone, ".a", "[0]"."""
    if isinstance(structure, dict):
        parts = [(f"{path}.{name}", part) for name, part in structure.items()]
    elif isinstance(structure, tuple):
        parts = [(f"{path}[{n}]", part) for n, part in enumerate(structure)]
    else:
        return [] if structure is None else [(path, structure)]
    return [leaf for at, part in parts for leaf in named_leaves(part, at)]


def n_rows(structure: Any) -> int:
    """How many rows there are, by the first array."""
    return len(leaves(structure)[0])


def shapes(structure: Any) -> Any:
    """The shape of a row of each array; alone, or in the same places."""
    if isinstance(structure, dict):
        return {name: shapes(part) for name, part in structure.items()}
    if isinstance(structure, tuple):
        return tuple(shapes(part) for part in structure)
    return tuple(structure.shape[1:])


def specs(structure: Any) -> Any:
    """The RowSpec of each array."""
    return each(lambda a: RowSpec(tuple(a.shape[1:]), _name(a.dtype)), structure)


def describe(given: Any) -> str:
    """RowSpecs in words: "(8, 8, 1) float32", "(3,) int64 and string", "{a: (2,) float32}"."""
    if isinstance(given, dict):
        return "{" + ", ".join(f"{name}: {describe(part)}" for name, part in given.items()) + "}"
    if isinstance(given, tuple | list):
        return " and ".join(map(describe, given))
    return f"{given.shape} {given.dtype}"


def is_text(array: Any) -> bool:
    """Whether an array, a tensor or rows of a stream are text, whatever holds it."""
    return _name(array.dtype) == "string"


def _name(dtype: Any) -> str:
    """The name of a dtype as Keras has it: text is "string"."""
    holds_text = getattr(dtype, "kind", "f") in "OSUT"
    return "string" if holds_text else str(getattr(dtype, "name", dtype))
