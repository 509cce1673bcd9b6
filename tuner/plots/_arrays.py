"""The arrays of this room."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""(n,) float64: places on an axis, or values there."""
