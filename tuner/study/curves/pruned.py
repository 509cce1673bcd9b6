"""What a pruned trial says: the value that it would have had, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuner.study.curves.points import Floats, Points

_FEWEST = 5
_RIDGE = 1.0


@dataclass(frozen=True)
class Learning:
    """How a trial learned: its features [k], values after each epoch, and whether it is complete.

    The values are numbers as they are modelled, higher is better.
    """

    features: Floats
    values: Floats
    is_complete: bool


def features(points: Points) -> Floats:
    """What trials are like that learn alike, [n, features]: warped rate and shared axes.

    The rate squared and times the axes too: wide networks are slow at other rates than narrow ones.
    """
    shared, x = np.clip(np.nan_to_num(points.shared), -2, 2), points.x[:, None]
    return np.hstack([x, x**2, shared, x * shared])


def extrapolated(trial: Learning, others: Sequence[Learning]) -> tuple[float, float] | None:
    """The last value that a trial would have had, and the variance of that.

    A ridge regression, over complete trials, of what they gained after the epoch at which this one
    ended, on their value then and their features: networks with high rates learn slowly. It gains
    no more than any of them did. None where fewer than five trials are complete.
    """
    epoch = len(trial.values)
    known = [each for each in others if each.is_complete and len(each.values) > epoch]
    if epoch == 0 or len(known) < _FEWEST:
        return None
    design = np.array([_row(each, epoch) for each in known])
    gains = np.array([each.values[-1] - each.values[epoch - 1] for each in known])
    center, middle = design.mean(axis=0), float(gains.mean())
    spread = np.maximum(design.std(axis=0), 1e-9)
    scaled, own = (design - center) / spread, (_row(trial, epoch) - center) / spread
    inverse = np.linalg.inv(scaled.T @ scaled + _RIDGE * np.eye(scaled.shape[1]))
    slopes = inverse @ scaled.T @ (gains - middle)
    left = gains - middle - scaled @ slopes
    used = float(np.trace(inverse @ scaled.T @ scaled)) + 1
    variance = float(left @ left) / max(len(known) - used, 1.0)
    leverage = 1 / len(known) + float(own @ inverse @ own)
    gain = np.clip(middle + own @ slopes, gains.min(), gains.max())
    return float(trial.values[-1] + gain), variance * (1 + leverage)


def _row(trial: Learning, epoch: int) -> Floats:
    return np.append(trial.features, trial.values[epoch - 1])
