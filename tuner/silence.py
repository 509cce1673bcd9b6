"""Imports without what C++ code has to say: TensorFlow greets before its log level applies."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def silenced(*, verbose: bool = False) -> Iterator[None]:
    """Drop what C++ code writes to stderr.

    What Python code prints stays: where stdout is for results, on stderr.
    """
    if verbose:
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    kept = os.fdopen(saved, "w", errors="backslashreplace", buffering=1)
    out = kept if sys.stdout is sys.stderr else sys.stdout
    try:
        with contextlib.redirect_stderr(kept), contextlib.redirect_stdout(out):
            yield
    finally:
        os.dup2(saved, 2)
        kept.close()
