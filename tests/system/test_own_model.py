"""A user's own model and data, searched and opened again in another process."""

import json
import subprocess
import sys

import pytest

from tuner.cli.main import run

FAST = ["--epochs", "2", "--width", "8", "-q"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_users_own_model_and_data_search_and_open_again(place, capsys):
    (place / "own_data.py").write_text(
        "import numpy as np\n"
        "def load():\n"
        "    x = np.random.default_rng(0).normal(size=(300, 5))\n"
        "    return x, np.where(x[:, 0] > 0, 'yes', 'no')\n"
    )
    (place / "own_model.py").write_text(
        "import keras\n"
        "def build(params, spec):\n"
        "    x = inputs = keras.Input(spec.input_shape)\n"
        "    x = keras.layers.Dense(params['width'], activation='relu')(x)\n"
        "    x = keras.layers.Dropout(0.3)(x)\n"
        "    return keras.Model(inputs, keras.layers.Dense(1, activation='sigmoid')(x))\n"
    )
    study = ["--model", "own_model:build", "--data", "own_data:load"]
    assert run(["search", *study, "-n", "3", *FAST]) == 0
    code = (
        "import keras, numpy as np, own_data; x, y = own_data.load();"
        "m = keras.saving.load_model('studies/own_data-own_model/best.keras');"
        "print(m.evaluate(x, (y == 'yes').astype(int), verbose=0)[1])"
    )
    opened = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert 0 < float(opened.stdout) <= 1, opened.stderr
    capsys.readouterr()
    assert run(["compare", "own_data-own_model", "--seeds", "3", "-q", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)
    written = next(each for each in verdict["candidates"] if each["name"] == "as written")
    assert written["params"] == {"variant": "as written", "rate": 0.3, "width": 8}
    assert len(written["scores"]) == 3
    assert "the network as written" in verdict["sentence"]
