"""The convolutional net: blocks that double their filters, and images large enough for them."""

import keras
import pytest

from tuner.data.spec import Spec
from tuner.errors import UsageError
from tuner.models.cnn import build


def test_filters_double_from_block_to_block():
    model = build({"width": 4, "depth": 3}, Spec((8, 8, 1), 3, "classification"))
    filters = [layer.filters for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert filters == [4, 8, 16]
    assert model.output_shape == (None, 3)
    assert sum(isinstance(layer, keras.layers.Dropout) for layer in model.layers) == 4


@pytest.mark.parametrize("shape", [(64,), (3, 8, 1), (8, 3, 1)])
def test_rows_that_cannot_be_halved_so_often_are_refused(shape):
    with pytest.raises(UsageError, match="at least 4 x 4 pixels"):
        build({"width": 4, "depth": 2}, Spec(shape, 3, "classification"))
