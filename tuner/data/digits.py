"""1,797 handwritten digits of 8x8 pixels in 10 classes, from scikit-learn (no download)."""

import numpy as np
from sklearn.datasets import load_digits

from tuner.data._raw import RawData


def load() -> RawData:
    """Images [1797, 8, 8, 1] of 0 to 16, labels [1797] of 0 to 9."""
    bunch = load_digits()
    return RawData(bunch.images[..., None].astype(np.float32), bunch.target)
