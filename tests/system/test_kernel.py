"""tuner in a kernel of Jupyter, and the same as a script."""

import subprocess
import sys

import pytest
from _kernel import Kernel, shown
from _waiting import wait_for

import tuner
from tuner.errors import TunerError

pytestmark = pytest.mark.zoo

GIVEN = """
import keras
import numpy as np

random = np.random.default_rng(0)
y, y_val = np.arange(120) % 3, np.arange(60) % 3
x, x_val = (np.eye(3)[each] + random.normal(0, 1, (len(each), 3)) for each in (y, y_val))


def build(params, spec):
    inputs = keras.Input(spec.input_shape)
    hidden = keras.layers.Dense(params["width"] // 16, "relu")(inputs)
    hidden = keras.layers.Dropout(0.5)(hidden)
    return keras.Model(inputs, keras.layers.Dense(spec.n_outputs, "softmax")(hidden))


layers = [keras.layers.Dense(8), keras.layers.Dropout(0.5), keras.layers.Dense(3, "softmax")]
model = keras.Sequential([keras.Input((3,)), *layers])
"""

SEARCH = """
import tuner
study = tuner.search(
    build, (x, y), validation_data=(x_val, y_val), trials=50, epochs=20, name="mine"
)
"""

REST = [
    "study",
    "study.trials, study.epochs",
    "study.compare(seeds=10)",
    "study.claims()",
    "study.replay(17)",
    'study.plot("value_by_rate")',
    'study.report("r.html")',
    "study.best_model()",
    "study.code()",
    'tuner.open("mine")',
    "tuner.studies()",
    'tuner.apply(model, variant="concrete", rate=0.1)',
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("kernel")


@pytest.fixture(scope="module")
def kernel(folder):
    kernel = Kernel(folder)
    yield kernel
    kernel.close()


@pytest.fixture(scope="module")
def cells(kernel):
    """What each cell of a notebook shows, by its code."""
    return {code: kernel.run(code) for code in (GIVEN, SEARCH, *REST)}


def test_a_notebook_shows_what_each_line_gives(cells):
    assert "Next" in shown(cells["study"], "text/html")
    assert "<img" in shown(cells["study"], "text/html")
    assert "same value" in shown(cells["study.replay(17)"])
    assert "r.html" in shown(cells['study.report("r.html")'])
    assert shown(cells['study.plot("value_by_rate")'], "image/png")
    assert "mine/compare" in shown(cells["tuner.studies()"])
    assert shown(cells['tuner.open("mine")']).startswith("Study 'mine'")


def test_progress_is_one_line_that_is_renewed(cells):
    kinds = [kind for kind, _ in cells[SEARCH]]
    assert kinds.count("display_data") == 1
    assert kinds.count("update_display_data") > 50
    assert "stream" not in kinds
    last = [content for kind, content in cells[SEARCH] if kind == "update_display_data"][-1]
    assert "mine: 50 trials in " in last["data"]["text/plain"]


def test_the_same_lines_are_a_script_that_trains_nothing_twice(cells, folder):
    (folder / "script.py").write_text("\n".join([GIVEN, SEARCH, *REST]), "utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "50 of 50 trials were finished before" in done.stderr
    assert "[50/50]" not in done.stderr


def n_finished(name):
    try:
        return tuner.open(name).results.counts.finished
    except TunerError:  # there is no such study yet
        return 0


def test_an_interrupt_of_a_cell_keeps_what_is_finished(cells, kernel, folder, monkeypatch):
    monkeypatch.chdir(folder)
    again = 'tuner.search(build, (x, y), epochs=2, name="cut", trials={})'
    cell = kernel.begin(again.format(2000))
    wait_for(lambda: n_finished("cut") >= 3)
    kernel.interrupt()
    messages = kernel.end(cell)
    assert [content["ename"] for kind, content in messages if kind == "error"] == [
        "KeyboardInterrupt"
    ]
    line = [content for kind, content in messages if kind == "update_display_data"][-1]
    assert "what is finished is kept" in line["data"]["text/plain"]
    finished = n_finished("cut")
    assert finished >= 3
    kernel.run(again.format(finished + 1))
    assert n_finished("cut") == finished + 1


def test_a_function_that_raises_is_one_line_with_its_place(cells, kernel):
    code = 'def wrong(params):\n    return {}["relu"]\ntuner.search(wrong, (x, y), name="wrong")'
    messages = kernel.end(kernel.begin(code))
    (error,) = [content for kind, content in messages if kind == "error"]
    said = "UsageError: model 'wrong' fails: KeyError: 'relu' (line 2 of its cell, in wrong)"
    assert error["traceback"] == [said]
