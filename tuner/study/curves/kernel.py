"""How much two trials have in common: one matrix for each component of a value."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tuner.study.curves.points import Encoder, Floats, Points

RATE_LENGTH = 0.6
AXIS_LENGTH = 0.4
OTHER_NAME = 0.3
"""Length scales of warped rate and scaled axes; what two names of an axis have in common."""

_ROWS = 128

SHARED = "shared"
"""The component of all shared axes together."""


@dataclass(frozen=True)
class Component:
    """One term of a value: its name, and its variance before anything is known (log-normal).

    `median` is in units of the values' variance.
    """

    name: str
    median: float
    spread: float = 2.0


def components(encoder: Encoder) -> list[Component]:
    """The terms of a value, in the order of `matrices`."""
    several = len(encoder.shared) > 1
    return [
        *(Component(name, 0.1) for name in encoder.shared),
        *([Component(SHARED, 0.1)] if several else []),
        Component("rate", 0.3),
        *([Component("rate, shared", 0.5)] if encoder.shared else []),
        Component("variant", 0.3),
        *([Component("variant, shared", 0.3)] if encoder.shared else []),
        *([Component("sites", 0.1)] if encoder.sites else []),
        *([Component("hyperparameters", 0.05)] if encoder.own else []),
    ]


def matrices(encoder: Encoder, a: Points, b: Points) -> Floats:
    """The components of the covariance of values at `a` and at `b`, [components, n_a, n_b].

    What a variant has of its own is a curve over the warped rate, conditioned to be 0 at rate 0:
    k(x, x') - k(x, 0) k(0, x'), so that there every variant is the network without dropout,
    exactly. What rate and shared axes do together is the same for all variants, and not so bound:
    with much dropout a width may be worth another thing than without.
    """
    found = np.empty((len(components(encoder)), len(a), len(b)))
    for place, each in enumerate(_matrices(encoder, a, b)):
        found[place] = each
    return found


def covariance(encoder: Encoder, a: Points, b: Points, variances: Floats) -> Floats:
    """What components of these variances make together, [n_a, n_b].

    Some rows at a time, which stay in the processor's cache; of points with themselves half.
    """
    total = np.zeros((len(a), len(b)))
    for start in range(0, len(a), _ROWS):
        end = min(start + _ROWS, len(a))
        n = end if a is b else len(b)
        part = total[start:end, :n]
        made = _matrices(encoder, a.take(slice(start, end)), b.take(slice(n)))
        for variance, each in zip(variances, made, strict=True):
            part += variance * each
        if a is b:
            total[:n, start:end] = part.T
    return total


def _matrices(encoder: Encoder, a: Points, b: Points) -> Iterator[Floats]:
    scales = encoder.shared.values()
    axes = [
        _names(a.shared[:, i], b.shared[:, i])
        if scale.names is not None
        else _near(a.shared[:, i], b.shared[:, i], AXIS_LENGTH)
        for i, scale in enumerate(scales)
    ]
    yield from axes
    if len(axes) > 1:
        yield np.prod(axes, axis=0)
    near, same = _near(a.x, b.x, RATE_LENGTH), a.variant[:, None] == b.variant[None, :]
    rate = near - _from_zero(a.x, b.x)
    yield rate
    shared = np.mean(axes, axis=0) if axes else None
    if shared is not None:
        yield near * shared
    own = rate * same
    yield own
    if shared is not None:
        yield own * shared
    if encoder.sites:
        curves = [_curve(a.sites[:, i], b.sites[:, i]) for i in range(len(encoder.sites))]
        yield np.mean(curves, axis=0)
    if encoder.own:
        yield own * _own(encoder, a, b)


def _near(a: Floats, b: Floats, length: float) -> Floats:
    found = a[:, None] - b[None, :]
    found /= length
    np.square(found, out=found)
    found *= -0.5
    return np.exp(found, out=found)


def _names(a: Floats, b: Floats) -> Floats:
    return np.where(a[:, None] == b[None, :], 1.0, OTHER_NAME)


def _curve(a: Floats, b: Floats) -> Floats:
    return _near(a, b, RATE_LENGTH) - _from_zero(a, b)


def _from_zero(a: Floats, b: Floats) -> Floats:
    zero = np.zeros(1)
    return _near(a, zero, RATE_LENGTH) * _near(zero, b, RATE_LENGTH)


def _own(encoder: Encoder, a: Points, b: Points) -> Floats:
    """What the hyperparameters of two trials of one variant have in common, on average over them.

    One that only one of them has counts as different.
    """
    found = np.zeros((len(a), len(b)))
    for code in np.intersect1d(a.variant[a.variant >= 0], b.variant[b.variant >= 0]):
        rows, columns = np.flatnonzero(a.variant == code), np.flatnonzero(b.variant == code)
        found[np.ix_(rows, columns)] = _within(encoder, a.own[rows], b.own[columns])
    return found


def _within(encoder: Encoder, a: Floats, b: Floats) -> Floats:
    total, n = np.zeros((len(a), len(b))), np.zeros((len(a), len(b)))
    for i, scale in enumerate(encoder.own.values()):
        in_a, in_b = ~np.isnan(a[:, i])[:, None], ~np.isnan(b[:, i])[None, :]
        if not (in_a.any() or in_b.any()):
            continue
        first, second = np.nan_to_num(a[:, i]), np.nan_to_num(b[:, i])
        named = scale.names is not None
        common = _names(first, second) if named else _near(first, second, AXIS_LENGTH)
        total += np.where(in_a & in_b, common, 0.0)
        n += in_a | in_b
    return total / np.maximum(n, 1.0)
