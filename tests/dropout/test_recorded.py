"""What stands around a layer that is in no graph, seen in a traced pass."""

import keras
import numpy as np
import pytest
from _networks import SIZE, STEPS, L, subclassed, transformer

from tuner.dropout.adversarial import VARIANT as ADVERSARIAL
from tuner.dropout.recorded import record
from tuner.dropout.sites import find_sites


class Around(keras.Model):
    """Three places: behind a raw operation, before two takers, in a part that is held quiet."""

    def __init__(self):
        super().__init__()
        self.dense = [L.Dense(SIZE, "relu") for _ in range(3)]
        self.drops = [L.Dropout(0.1) for _ in range(3)]

    def call(self, x):
        x = self.drops[0](keras.ops.tanh(self.dense[0](x)))
        x = self.drops[1](self.dense[1](x))
        return self.drops[2](self.dense[2](x), training=False) + x


class Taught(Around):
    """It has a place that nothing calls where it answers."""

    def __init__(self):
        super().__init__()
        self.teacher = L.Dropout(0.1)


def around():
    model = Around()
    model(np.zeros((1, SIZE)))
    return model


def row():
    return keras.KerasTensor((SIZE,), "float32")


def test_a_subclassed_model_shows_feeders_and_consumers():
    model = subclassed()
    first, last = find_sites(model, row())
    assert (first.feeder, last.feeder) == tuple(model.hidden)
    assert (first.consumer, last.consumer) == (model.hidden[1], model.head)
    assert (first.activation, first.shape, last.is_last) == ("relu", (None, SIZE * 2), True)


def test_what_goes_through_operations_or_to_several_is_not_said_to_be_one_layer():
    model = around()
    raw, shared, quiet = find_sites(model, row())
    assert raw.feeder is None
    assert raw.consumer is model.dense[1]
    assert shared.feeder is model.dense[1]
    assert shared.consumer is None
    assert [site.is_quiet for site in (raw, shared, quiet)] == [False, False, True]
    assert [site.is_last for site in (raw, shared, quiet)] == [False, True, False]


def test_a_place_that_is_not_called_is_not_the_last_that_is():
    model = Taught()
    model(np.zeros((1, SIZE)))
    *_, shared, _, teacher = find_sites(model, row())
    assert (shared.is_last, teacher.is_last) == (True, False)
    assert "is called in training" in str(ADVERSARIAL.misfit_of([teacher]))


def test_layers_inside_layers_of_a_graph_are_seen():
    model = transformer()
    sites = {site.path: site for site in find_sites(model)}
    block = model.layers[1]
    assert sites[f"{block.name}/drops['residual']"].feeder is block.attention._output_dense
    assert sites[f"{block.name}/drops['residual']"].shape == (None, STEPS, SIZE)
    inner = next(site for path, site in sites.items() if path.startswith(f"{block.name}/mlp"))
    assert (inner.feeder, inner.consumer) == (block.mlp.layers[0], block.mlp.layers[2])


def test_a_pass_leaves_no_trace_in_the_layers():
    model = subclassed()
    record(model, row())
    assert not any("call" in vars(layer) for layer in model.layers)


class Stubborn(keras.Model):
    def call(self, x):
        return x * float(np.asarray(x).sum())


@pytest.mark.parametrize(("model", "inputs"), [(Stubborn(), row()), (Stubborn(), None)])
def test_a_model_that_cannot_be_traced_has_no_wiring(model, inputs):
    assert record(model, inputs) is None


@pytest.mark.parametrize("told", [None, False])
def test_no_place_in_a_graph_is_quiet_as_keras_passes_on_the_training_of_the_model(told):
    inputs = keras.Input((50,))
    model = keras.Model(inputs, keras.layers.Dropout(0.5)(inputs, training=told))
    assert not np.array_equal(model(np.ones((2, 50)), training=True), np.ones((2, 50)))
    assert [site.is_quiet for site in find_sites(model)] == [False]
