"""What other rows than those measured would change, which no number of seeds tells."""

import math


def sampling_error(accuracy: float, n_rows: int) -> float:
    """The standard error of an accuracy on `n_rows` rows (binomial), or of its mean over seeds.

    It is at least what one row weighs, 1 / n: the binomial error of no mistake at all would be 0,
    as if no other rows could hold one, and that of a single mistake is 1 / n within a hair.
    """
    return _standard_error(accuracy * (1 - accuracy), n_rows)


def most_sampling_error(accuracy: float, other: float, n_rows: int) -> float:
    """What the standard error of the difference of two accuracies on the same rows is at most.

    It is least where both err on the same rows, and this where they never do: the variance of a
    row's difference is the share of rows that only one of them gets right, less the square of the
    mean difference. It is at least what one row weighs.
    """
    only_one = (1 - accuracy) + (1 - other)
    return _standard_error(only_one - (accuracy - other) ** 2, n_rows)


def _standard_error(variance: float, n_rows: int) -> float:
    return math.sqrt(max(variance, 1 / n_rows) / n_rows)
