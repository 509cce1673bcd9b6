"""What a build function is told of the data."""

import copy
import pickle

import numpy as np
import pytest

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings
from tuner.data.spec import Spec


def test_a_model_may_be_adapted_to_the_rows_to_train_on_and_to_no_others():
    x = np.arange(200, dtype="float32").reshape(100, 2)
    data = prepare(RawData(x, np.arange(100) % 2), DataSettings("mine")).train_validation
    given, judged = set(data.spec.x[:, 0]), set(data.validation.x[:, 0])
    assert given == set(data.train.x[:, 0])
    assert not given & judged
    assert len(given) < 80


def test_who_asks_for_something_else_is_told_what_there_is():
    spec = Spec((4,), 2, "classification")
    with pytest.raises(AttributeError, match="no 'shape': it has input_shape, n_outputs, task"):
        _ = spec.shape
    assert pickle.loads(pickle.dumps(spec)) == copy.deepcopy(spec) == spec
