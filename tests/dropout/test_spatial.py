"""Spatial dropout: whole maps."""

import numpy as np
from _moments import apply, is_rate

from tuner.dropout.standard import Dropout


def spatial(x, rate=0.5):
    return apply(Dropout(rate, noise_shape=(None, 1, 1, None), seed=1), x)


def test_spatial_drops_whole_maps():
    out = spatial(np.ones((500, 5, 5, 8), "float32"))
    assert np.all(out.std(axis=(1, 2)) == 0)
    assert set(np.unique(out)) == {0.0, 2.0}
    assert is_rate(np.mean(out[:, 0, 0] == 0), 0.5, n=4000)


def test_standard_dropout_does_not_drop_whole_maps():
    out = apply(Dropout(0.5, seed=1), np.ones((500, 5, 5, 8), "float32"))
    assert np.mean(out.std(axis=(1, 2)) == 0) < 0.01
