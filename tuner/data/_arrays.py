"""The arrays of this room by name: shape and dtype."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST = float(np.finfo("float32").max)
"""Of the numbers that networks compute with."""

GivenRows = NDArray[Any]
"""(n, ...) bool, int, uint or float of any width: x as a loader gives it."""

GivenTargets = NDArray[Any]
"""(n,) or (n, k) numbers, or (n,) names: y as a loader gives it, one-hot classes too."""

Rows = NDArray[np.float32]
"""(n, ...) float32: standardized x."""

Targets = NDArray[np.int32] | NDArray[np.float32]
"""(n,) int32: classes from 0; or (n, k) float32: the targets of a regression, standardized."""

Weights = NDArray[np.float32]
"""(n,) float32: how much each row counts."""

Indices = NDArray[np.intp]
"""(n,) int: which rows of x and y."""

PerFeature = NDArray[np.float64]
"""(features,) float64: one number for each place of the last axis of x."""

PerTarget = NDArray[np.float64]
"""(k,) float64: one number for each target of a regression, else (1,)."""

Moments = NDArray[np.float64]
"""(features,) or (k,) float64: means or standard deviations."""

Stream = Any
"""A tf.data.Dataset of pairs (x, y), unbatched: TensorFlow is not imported here."""

ElementSpec = Any
"""The tf.TensorSpec of x or y of a Stream: shape and dtype of one row."""
