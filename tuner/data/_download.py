"""keras.datasets, with one line for the user where the download fails."""

import contextlib
import sys
from collections.abc import Callable
from typing import Any

from tuner.data._objects import from_object
from tuner.data._raw import RawData
from tuner.errors import TunerError, one_line


def fetch(name: str, load_data: Callable[[], Any]) -> RawData:
    """Call a `load_data` of keras.datasets (downloaded once, then cached by Keras)."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return from_object(load_data(), name)
    except Exception as error:
        raise TunerError(
            f"{name}: the download by keras.datasets failed ({one_line(error, 160)}); give a file"
            f" instead: --data PATH.npz with x_train y_train x_test y_test"
        ) from error
