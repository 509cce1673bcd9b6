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


def n_rows(structure: Any) -> int:
    """How many rows there are, by the first array."""
    return len(leaves(structure)[0])


def specs(structure: Any) -> Any:
    """The RowSpec of each array."""
    return each(lambda a: RowSpec(tuple(a.shape[1:]), _name(a.dtype)), structure)


def _name(dtype: Any) -> str:
    """The name of a dtype as Keras has it: text is "string", whatever holds it."""
    return "string" if getattr(dtype, "kind", "") in "OSUT" else str(getattr(dtype, "name", dtype))
