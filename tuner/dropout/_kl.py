"""How far multiplicative Gaussian noise on a weight is from a log-uniform prior."""

from typing import Any

from keras import ops

_K = 0.63576, 1.87320, 1.48695


def kl(log_alpha: Any) -> Any:
    """KL of N(w, alpha w^2) from the log-uniform prior, in nats, 0 for alpha -> infinity.

    Molchanov et al. 2017, equation 14; within 0.01 of the exact value everywhere.
    """
    k1, k2, k3 = _K
    return 0.5 * ops.softplus(-log_alpha) + k1 * ops.sigmoid(-(k2 + k3 * log_alpha))
