"""What a build function is told of the data."""

import numpy as np

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings


def test_a_model_may_be_adapted_to_the_rows_to_train_on_and_to_no_others():
    x = np.arange(200, dtype="float32").reshape(100, 2)
    data = prepare(RawData(x, np.arange(100) % 2), DataSettings("mine")).train_validation
    given, judged = set(data.spec.x[:, 0]), set(data.validation.x[:, 0])
    assert given == set(data.train.x[:, 0])
    assert not given & judged
    assert len(given) < 80
