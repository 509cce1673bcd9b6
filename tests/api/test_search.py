"""tuner.search: names, functions, models and arrays; the same study as the command's."""

import contextlib
import logging
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
from _tiny import three_classes

import tuner
from tuner.cli.main import run
from tuner.errors import StoreError, UsageError
from tuner.study.results import Results

FAST = {"trials": 2, "epochs": 1, "variant": "standard", "width": [8], "jobs": 1}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def rows(npz):
    with np.load(npz) as file:
        return file["x"], file["y"]


def build(units):
    def build(params, spec):
        inputs = keras.Input(spec.input_shape)
        x = keras.layers.Dropout(0.5)(keras.layers.Dense(units)(inputs))
        return keras.Model(inputs, keras.layers.Dense(spec.n_outputs, "softmax")(x))

    return build


def test_functions_and_arrays_are_searched_and_the_commands_know_them(place, rows, capsys):
    x, y = rows
    given = {"validation_data": (x[:30], y[:30]), "name": "mine", "quiet": True, **FAST}
    study = tuner.search(build(8), (x[30:], y[30:]), space={"learning_rate": [0.01]}, **given)
    assert list(study.trials.state) == ["complete", "complete"]
    assert {*study.trials.variant} == {"none", "standard"}
    assert study.results.definition.space.axes["learning_rate"] == (0.01,)
    assert isinstance(study.results, Results)
    assert study.results.attrs["n_validation"] == 30
    assert run(["replay", "mine", "1"]) == 0
    assert "same value" in capsys.readouterr().out


@pytest.mark.slow
def test_the_same_call_completes_and_another_is_refused(place, rows):
    x, y = rows
    given = {"validation_data": (x[:30], y[:30]), "name": "mine", "quiet": True, **FAST}
    tuner.search(build(8), (x[30:], y[30:]), **given)
    assert len(tuner.search(build(8), (x[30:], y[30:]), **given | {"trials": 3}).trials) == 3
    with pytest.raises(StoreError, match="model was "):
        tuner.search(build(9), (x[30:], y[30:]), **given)
    with pytest.raises(StoreError, match="the data are others"):
        tuner.search(build(8), (x[30:] + 1, y[30:]), **given)


@pytest.mark.slow
def test_the_same_options_are_the_same_study(place):
    three_classes(place / "three.npz")
    flags = ["--trials", "2", "--epochs", "1", "--variant", "standard", "--width", "8", "-j", "1"]
    assert run(["search", "--data", "three.npz", "--name", "theirs", *flags, "-q"]) == 0
    ours = tuner.search(data="three.npz", name="ours", quiet=True, **FAST).results
    theirs = tuner.open("theirs").results
    assert ours.definition.model_copy(update={"name": "theirs"}) == theirs.definition
    assert [row.value for row in ours.trials] == [row.value for row in theirs.trials]


@pytest.mark.slow
def test_a_data_frame_is_a_table_with_a_target(place, rows):
    x, y = rows
    frame = pd.DataFrame(x, columns=list("abcdef")).assign(kind=[f"class {each}" for each in y])
    frame.index = frame.index[::-1]
    study = tuner.search("mlp", frame[60:], validation_data=frame[:60], target="kind", **FAST)
    assert study.name == "table-mlp"
    assert study.results.attrs["n_validation"] == 60
    assert study.results.attrs["features"] == list("abcdef")


@pytest.mark.slow
def test_a_compiled_model_is_trained_as_it_is(place, rows):
    layers = [keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax")]
    model = keras.Sequential([keras.Input((6,)), *layers])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    study = tuner.search(model, rows, **FAST | {"width": None}, quiet=True)
    assert study.name == "arrays-sequential" or study.name.startswith("arrays-sequential_")
    assert any("SGD" in note for note in study.results.attrs["notes"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epoch": 3}, "unknown option of tuner.search 'epoch'; did you mean 'epochs'"),
        ({"epochs": 0}, "tuner.search: training.epochs"),
        ({"epochs": "3"}, "tuner.search: training.epochs"),
        ({"space": ["width"]}, "space: expected a mapping"),
        ({"space": {"width": [8]}, "width": [4]}, "width is given twice, by itself and in space"),
        ({"model": "mpl"}, "unknown model 'mpl'; did you mean 'mlp'"),
        ({"data": "digits", "validation_data": ([1], [2])}, "validation_data and test_data are"),
        ({"study": "nothing_here"}, "no study 'nothing_here'"),
        ({"data": Path("no.csv")}, "no.csv: no such data file"),
        ({"data": ([[1.0]], [1]), "name": "a/b"}, "tuner.search: name: 'a/b' is no study name"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_written(place, given, said):
    with pytest.raises(UsageError, match=said):
        tuner.search(**given)
    assert not list(place.iterdir())


def test_a_search_that_is_refused_says_where_and_leaves_nothing(place, rows, capsys):
    def build(params, spec):
        return keras.layers.Dense(-params["width"])

    x, y = rows
    with pytest.raises(UsageError, match=r"model 'build' fails: .*test_search.py, line \d+, in bu"):
        tuner.search(build, rows, name="mine", **FAST)
    with pytest.raises(UsageError, match="data: 1 values of x are missing"):
        tuner.search("mlp", (np.where(x > x.min(), x, np.nan), y), **FAST)
    assert not (place / "studies").exists()
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_trials_are_records_where_logging_is_on(place, rows, caplog):
    with caplog.at_level(logging.INFO, "tuner"):
        tuner.search("mlp", rows, name="mine", **FAST)
    said = [record.getMessage() for record in caplog.records]
    assert sum("complete accuracy" in line for line in said) == 2
    assert any("workers on other machines" in line for line in said)


SCRIPT = """
import numpy as np, keras, tuner
print("once")
WIDTH = 8
def build(params, spec):
    inputs = keras.Input(spec.input_shape)
    x = keras.layers.Dropout(0.5)(keras.layers.Dense(WIDTH)(inputs))
    return keras.Model(inputs, keras.layers.Dense(spec.n_outputs, "softmax")(x))
y = np.arange(90) % 3
x = np.eye(3)[y]
study = tuner.search(build, (x, y), trials=2, epochs=1, variant="standard", name="mine", jobs=1)
print(len(study.trials))
"""


@pytest.mark.slow
def test_a_script_runs_as_it_stands_and_again(place):
    Path("script.py").write_text(SCRIPT, "utf-8")
    env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "script.py"]
    for _ in range(2):  # without a main guard, and its workers do not run it; the same digests
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split() == ["once", "2"]


@pytest.mark.slow
def test_an_interrupt_keeps_what_is_finished(place, rows, monkeypatch):
    def interrupt(*_given):
        raise KeyboardInterrupt

    given = {"name": "mine", "quiet": True, **FAST}
    monkeypatch.setattr("tuner.api.progress.Silent.trial", interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        tuner.search("mlp", rows, **given | {"trials": 4})
    finished = tuner.open("mine").results.counts.finished
    assert 1 <= finished < 4
    monkeypatch.undo()
    monkeypatch.chdir(place)
    assert tuner.search("mlp", rows, **given | {"trials": 4}).results.counts.finished == 4
