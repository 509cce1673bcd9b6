"""Which entries are the smallest, ranked anew at every step without sorting."""

from typing import Any

from keras import ops

from tuner.dropout.tensors import Tensor

_BISECTIONS = 20


def targets(kernel: Tensor, fraction: Tensor, level: str) -> Tensor:
    """Which weights of a kernel [..., units] may be dropped: a boolean mask of its shape."""
    sizes = ops.abs(ops.stop_gradient(ops.cast(kernel, "float32")))
    sizes = ops.reshape(sizes, (-1, kernel.shape[-1]))
    if level == "unit":
        norms = ops.sum(ops.square(sizes), axis=0)
        return ops.broadcast_to(smallest(norms[:, None], fraction)[:, 0], kernel.shape)
    return ops.reshape(smallest(sizes, fraction), kernel.shape)


def smallest(sizes: Tensor, fraction: Tensor) -> Tensor:
    """Which entries are the floor(fraction * n), at most n - 1, smallest of their column.

    `sizes` [n, columns] >= 0, float32.
    """
    n = sizes.shape[0]
    return lowest(sizes, ops.minimum(ops.floor(fraction * (n * (1.0 + 1e-6))), n - 1.0))


def lowest(sizes: Tensor, wanted: Tensor) -> Tensor:
    """Which entries are the `wanted` smallest of their column; `sizes` [n, columns] >= 0, float32.

    The limit is bisected, not sorted for; what lies within the last interval, 2e-6 of the largest
    entry wide, is taken from the top of the column.
    """

    def halve(_: Any, ends: Any) -> Any:
        low, high = ends
        middle = 0.5 * (low + high)
        few = _count(sizes < middle) <= wanted
        return ops.where(few, middle, low), ops.where(few, high, middle)

    top = 2.0 * ops.max(sizes, axis=0) + 1e-30
    low, high = ops.fori_loop(0, _BISECTIONS, halve, (ops.zeros_like(top), top))
    below = sizes < low
    tied = ops.logical_and(sizes >= low, sizes < high)
    order = ops.cumsum(ops.cast(tied, "float32"), axis=0)
    return ops.logical_or(below, ops.logical_and(tied, order <= wanted - _count(below)))


def _count(mask: Tensor) -> Tensor:
    return ops.sum(ops.cast(mask, "float32"), axis=0)
