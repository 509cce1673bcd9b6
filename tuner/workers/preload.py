"""Imported by the server that worker processes are forked from: all they need, and nothing else.

Importing this module imports TensorFlow, which is all that it is for.
"""

import gc
import importlib
import os

from tuner.silence import silenced
from tuner.workers import runtime

_UNUSED = ("jax", "matplotlib", "pandas")
"""Packages that TensorFlow and Keras import for helpers of theirs that training does not call."""

verbose = "TF_CPP_MIN_LOG_LEVEL" not in os.environ
runtime.quiet(verbose=verbose)
gc.disable()
with silenced(verbose=verbose), runtime.without(*_UNUSED):
    importlib.import_module("tuner.workers.worker")
gc.enable()
gc.freeze()
