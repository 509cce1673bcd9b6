"""The digits with 40 % of the labels that are trained on redrawn; judged by the true ones."""

from dataclasses import replace

import numpy as np

from tuner.data import digits
from tuner.data._raw import RawData

_SHARE, _SEED = 0.4, 0


def load() -> RawData:
    """The rows of `digits`; `y_noisy` [1797] has 40 % of the labels drawn anew, of all ten alike.

    A redrawn label is the true one in one of ten: 36 % of them are wrong.
    """
    raw = digits.load()
    generator = np.random.default_rng(_SEED)
    redrawn = generator.random(len(raw.y)) < _SHARE
    labels = generator.integers(raw.y.max() + 1, size=len(raw.y))
    return replace(raw, y_noisy=np.where(redrawn, labels, raw.y))
