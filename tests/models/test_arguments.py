"""Classes of a user's, written to a file and opened again, as they are: no `get_config`."""

import keras
import numpy as np
import pytest

from tuner.models.arguments import arguments_kept, only_what_is_taken

L = keras.layers


class Block(L.Layer):
    def __init__(self, units):
        super().__init__()
        self.dense = L.Dense(units)

    def call(self, x):
        return self.dense(x)


class Net(keras.Model):
    def __init__(self, width, depth=1):
        super().__init__()
        self.blocks = [Block(width) for _ in range(depth)]

    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return x


CLASSES = {"Net": Net, "Block": Block}


def saved(net, folder):
    answers = net(np.ones((2, 3), "float32"))
    net.save(folder / "net.keras")
    return answers


def test_a_subclassed_model_opens_with_the_arguments_that_it_was_made_with(tmp_path):
    with arguments_kept():
        net = Net(4, np.int64(2))
    answers = saved(net, tmp_path)
    with only_what_is_taken():
        opened = keras.saving.load_model(tmp_path / "net.keras", CLASSES)
    assert len(opened.blocks) == 2
    np.testing.assert_allclose(opened(np.ones((2, 3), "float32")), answers)


def test_a_graph_of_a_users_class_opens_as_keras_writes_it(tmp_path):
    class Named(keras.Model):
        pass

    with arguments_kept():
        inputs = keras.Input((3,))
        net = Named(inputs, L.Dense(2)(inputs))
    answers = saved(net, tmp_path)
    with only_what_is_taken():
        opened = keras.saving.load_model(tmp_path / "net.keras", {"Named": Named})
    np.testing.assert_allclose(opened(np.ones((2, 3), "float32")), answers)


def test_keras_alone_keeps_no_arguments(tmp_path):
    with pytest.raises(NotImplementedError):
        saved(Net(4), tmp_path)


def test_keras_alone_gives_what_a_class_does_not_take(tmp_path):
    with arguments_kept():
        net = Net(4)
    saved(net, tmp_path)
    with pytest.raises(TypeError, match="trainable"):
        keras.saving.load_model(tmp_path / "net.keras", CLASSES)
