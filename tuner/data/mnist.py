"""70,000 handwritten digits of 28x28 pixels in 10 classes, by keras.datasets."""

import keras

from tuner.data._download import fetch
from tuner.data._raw import RawData


def load() -> RawData:
    """Images [60000 + 10000 test, 28, 28] uint8, labels 0 to 9."""
    return fetch("mnist", keras.datasets.mnist.load_data)
