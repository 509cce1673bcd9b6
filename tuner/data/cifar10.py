"""60,000 colour pictures of 32x32 pixels in 10 classes, by keras.datasets."""

import keras

from tuner.data._download import fetch
from tuner.data._raw import RawData


def load() -> RawData:
    """Images [50000 + 10000 test, 32, 32, 3] uint8, labels 0 to 9."""
    return fetch("cifar10", keras.datasets.cifar10.load_data)
