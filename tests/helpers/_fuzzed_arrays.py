"""Arrays that nobody means: of odd types, shapes and names."""

import contextlib
import io

import numpy as np
from hypothesis import strategies as st

_TYPES = [
    "f2",
    "f4",
    "f8",
    "i1",
    "u1",
    "i8",
    "u8",
    "?",
    "c8",
    "U3",
    "S3",
    "M8[s]",
    "m8[s]",
    "V3",
    "i4,f4",
]


@st.composite
def _array(draw, n):
    shape = (n, *draw(st.lists(st.sampled_from([1, 2, 3, 5, 0, 8, 28]), max_size=3)))
    kind = draw(st.sampled_from(_TYPES))
    array = (np.arange(np.prod(shape, dtype=int)) % draw(st.sampled_from([2, 3, 200]))).reshape(
        shape
    )
    try:
        array = array.astype("i8").astype(kind)
    except (TypeError, ValueError):
        array = np.zeros(shape, kind)
    wild = draw(st.sampled_from([None, None, None, np.nan, np.inf, -1, 1e308, 2**31]))
    if wild is not None and array.size:
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            array.flat[draw(st.integers(0, array.size - 1))] = wild
    return np.asfortranarray(array) if draw(st.booleans()) else array


_ARRAYS = [
    "x",
    "y",
    "x_val",
    "y_val",
    "x_test",
    "y_test",
    "x_train",
    "y_train",
    "sample_weight",
    "x_validation",
    "z",
    "arr_0",
    "x/a",
    "",
]


@st.composite
def arrays(draw):
    n = draw(st.sampled_from([0, 1, 2, 5, 20, 40, 60]))
    names = draw(
        st.one_of(st.just(["x", "y"]), st.lists(st.sampled_from(_ARRAYS), max_size=5, unique=True))
    )
    return {name: draw(_array(draw(st.sampled_from([n, n, n, n, n, 0, 3])))) for name in names}


def as_npz(arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def as_npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()
