"""Small matrices are slower with several threads, by far where the cores are busy."""

import importlib
from collections.abc import Callable
from functools import cache, wraps
from typing import ParamSpec, TypeVar

from threadpoolctl import ThreadpoolController

P = ParamSpec("P")
T = TypeVar("T")


def in_one_thread(function: Callable[P, T]) -> Callable[P, T]:
    """The function, with the linear algebra of this process in one thread while it runs."""

    @wraps(function)
    def limited(*args: P.args, **kwargs: P.kwargs) -> T:
        with _controller().limit(limits=1):
            return function(*args, **kwargs)

    return limited


@cache
def _controller() -> ThreadpoolController:
    """It looks at all libraries that are loaded, which takes some milliseconds: once.

    SciPy has one of its own, which would be loaded by the first that needs it.
    """
    importlib.import_module("scipy.linalg")
    return ThreadpoolController()
