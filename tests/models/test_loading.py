"""A definition's model: which params it reads, which axes it brings, and files of fresh weights."""

import keras
import numpy as np
import pytest

from tuner.data.spec import Spec
from tuner.errors import UsageError
from tuner.models import DEFAULT_AXES
from tuner.models.loading import Reads, build_model, default_axes, open_model

SPEC = Spec((4,), 3, "classification")


def test_params_remember_which_of_them_were_read():
    params = Reads({"width": 8, "depth": 1, "units": 3})
    assert (params["width"], params.get("depth"), params.get("nothing", 5)) == (8, 1, 5)
    assert params.read == {"width", "depth", "nothing"}


def test_a_model_brings_axes_of_its_own_or_gets_the_usual_ones():
    assert default_axes(open_model("cnn"))["width"] == (8, 16, 32)
    assert default_axes(open_model("mlp")) == DEFAULT_AXES


def test_a_saved_model_starts_from_fresh_weights(tmp_path):
    layers = [keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(3)]
    saved = keras.Sequential([keras.Input((4,)), *layers])
    saved.save(tmp_path / "mine.keras")
    built = open_model(str(tmp_path / "mine.keras"))({}, SPEC)
    assert [w.shape for w in built.weights] == [w.shape for w in saved.weights]
    assert not np.allclose(built.weights[0], saved.weights[0])


def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path):
    (tmp_path / "text.keras").write_text("no model")
    with pytest.raises(UsageError, match="cannot be loaded in safe mode") as error:
        open_model(str(tmp_path / "text.keras"))
    assert "\n" not in str(error.value)


def test_an_axis_that_is_not_there_is_named():
    with pytest.raises(UsageError, match=r"reads params\['width'\].*give \[space\] width"):
        build_model(open_model("mlp"), {"depth": 1}, SPEC, "mlp")
