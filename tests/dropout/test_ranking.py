"""The smallest of a column: as many as asked, whatever the weights."""

import math

import numpy as np
import pytest
import tensorflow as tf
from _weighted_layers import lowest, normal, numpy

from tuner.dropout._ranking import smallest, targets

FRACTIONS = (0.0, 0.25, 0.29, 0.5, 0.75, 0.9, 0.99)


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_the_smallest_of_each_column_are_those_of_a_sort(fraction):
    sizes = np.stack([np.random.default_rng(i).permutation(100) for i in range(30)], axis=1)
    found = numpy(smallest(tf.constant(sizes, tf.float32), fraction))
    assert np.array_equal(found, lowest(sizes, fraction))


@pytest.mark.parametrize("fraction", FRACTIONS)
def test_the_number_of_the_smallest_is_exact_among_random_weights(fraction):
    sizes = np.abs(normal(784, 64))
    found, sorted_ = numpy(smallest(tf.constant(sizes), fraction)), lowest(sizes, fraction)
    assert np.all(found.sum(axis=0) == math.floor(fraction * 784 + 1e-6))
    assert (found != sorted_).sum(axis=0).max() <= 2


@pytest.mark.parametrize("size", [0.0, 0.3])
def test_the_number_is_exact_among_equal_weights_where_a_threshold_finds_none(size):
    sizes = np.full((10, 3), size, "float32")
    assert np.all(numpy(smallest(tf.constant(sizes), 0.5)).sum(axis=0) == 5)
    assert not np.any(sizes < np.sort(sizes, axis=0)[5])


def test_one_weight_of_a_column_stays_whatever_the_fraction():
    assert np.all(numpy(smallest(tf.constant(np.abs(normal(10, 4))), 0.9999)).sum(axis=0) == 9)


def test_weights_are_ranked_in_their_column_and_not_in_the_kernel():
    kernel = normal(20, 2) * np.array([1.0, 100.0], "float32")
    assert np.all(numpy(targets(kernel, 0.5, "weight")).sum(axis=0) == 10)
    assert not np.all((np.abs(kernel) < np.median(np.abs(kernel))).sum(axis=0) == 10)


def test_a_column_of_a_convolution_is_a_filter():
    kernel = normal(3, 3, 4, 5)
    mask = numpy(targets(kernel, 0.5, "weight"))
    assert np.array_equal(mask.reshape(36, 5), lowest(np.abs(kernel).reshape(36, 5), 0.5))


def test_the_ranking_follows_the_weights():
    kernel = normal(20, 1)
    low, high = np.abs(kernel[:, 0]).argmin(), np.abs(kernel[:, 0]).argmax()
    swapped = kernel.copy()
    swapped[[low, high]] = kernel[[high, low]]
    before, after = (numpy(targets(k, 0.5, "weight"))[:, 0] for k in (kernel, swapped))
    assert (before[low], before[high]) == (after[high], after[low]) == (True, False)
