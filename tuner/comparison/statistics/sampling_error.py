"""What another test part of the same size would change, which no number of seeds tells."""

import math


def sampling_error(accuracy: float, n_test: int) -> float:
    """The standard error of an accuracy on `n_test` rows (binomial), or of its mean over seeds."""
    return math.sqrt(max(accuracy * (1 - accuracy), 1 / n_test) / n_test)


def most_sampling_error(accuracy: float, other: float, n_test: int) -> float:
    """What the standard error of the difference of two accuracies on the same rows is at most.

    It is least where both err on the same rows, and this where they never do: the variance of a
    row's difference is the share of rows that only one of them gets right, less the square of the
    mean difference.
    """
    only_one = (1 - accuracy) + (1 - other)
    return math.sqrt(max(only_one - (accuracy - other) ** 2, 1 / n_test) / n_test)
