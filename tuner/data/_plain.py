"""Arrays as other libraries and Python have them -> arrays of NumPy's own types."""

from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def plain(value: Any) -> Any:
    """What NumPy can read without losing anything.

    Raises ValueError where values are masked: they are nothing that a network can be given.
    """
    if isinstance(value, np.ma.MaskedArray):
        if n := int(np.ma.getmaskarray(value).sum()):
            raise ValueError(f"{n} values are masked: fill them, or leave those rows out")
        return value.data
    if hasattr(value, "detach"):  # a tensor of PyTorch
        value = value.detach().cpu()
        value = value.float() if "bfloat16" in str(value.dtype) else value
    if hasattr(value, "to_tensor"):  # tf.RaggedTensor
        value = value.to_tensor()
    for dense in ("to_numpy", "toarray"):  # pandas, SciPy's sparse matrices
        value = getattr(value, dense)() if hasattr(value, dense) else value
    return value


def native(array: Array) -> Array:
    """Numbers that are Python's, of another byte order or of 16 bits, as NumPy's own."""
    if array.dtype.name == "bfloat16":
        return array.astype("float32")
    if array.dtype == object:
        return _of_objects(array)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _of_objects(array: Array) -> Array:
    """Whole numbers, floats or flags; None is NaN among numbers. Other objects stay."""
    values = list(array.flat)
    if not values or isinstance(values[0], str | bytes):
        return array
    known = [value for value in values if value is not None]
    if not known or not all(isinstance(value, Real | Decimal | np.bool_) for value in known):
        return array
    if all(isinstance(value, bool | np.bool_) for value in values):
        return array.astype(bool)
    if all(isinstance(value, int | np.integer) for value in values):
        try:
            return array.astype("int64")
        except OverflowError:
            return array.astype("float64")
    floats = [np.nan if value is None else float(value) for value in values]
    return np.array(floats).reshape(array.shape)


def trouble_in(array: Array) -> str:
    """Why an array of objects is neither numbers nor text, in words."""
    if missing := sum(value is None or value != value for value in array.flat):  # noqa: PLR0124
        return f"{missing} values are missing (None or NaN)"
    texts = [value for value in array.flat if isinstance(value, str | bytes)]
    others = [value for value in array.flat if not isinstance(value, str | bytes)]
    if texts:
        return f"they are both, {texts[0]!r} and {others[0]!r}"
    strange = next((value for value in others if not isinstance(value, Real)), others[0])
    return f"{strange!r} is a {type(strange).__name__}"
