"""A user's own model and data, searched and opened again in another process."""

import json
import subprocess
import sys

import pytest

FAST = ["--epochs", "2", "--width", "8", "-q"]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def tuner(*arguments, timeout=120, **settings):
    command = [sys.executable, "-m", "tuner", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, **settings
    )


@pytest.mark.slow
def test_a_users_own_model_and_data_search_and_open_again(place):
    (place / "my_data.py").write_text(
        "import numpy as np\n"
        "def load():\n"
        "    x = np.random.default_rng(0).normal(size=(300, 5))\n"
        "    return x, np.where(x[:, 0] > 0, 'yes', 'no')\n"
    )
    (place / "my_model.py").write_text(
        "import keras\n"
        "def build(params, spec):\n"
        "    x = inputs = keras.Input(spec.input_shape)\n"
        "    x = keras.layers.Dense(params['width'], activation='relu')(x)\n"
        "    x = keras.layers.Dropout(0.3)(x)\n"
        "    return keras.Model(inputs, keras.layers.Dense(1, activation='sigmoid')(x))\n"
    )
    done = tuner("search", "--model", "my_model:build", "--data", "my_data:load", "-n", 3, *FAST)
    assert done.returncode == 0, done.stderr
    code = (
        "import keras, numpy as np, my_data; x, y = my_data.load();"
        "m = keras.saving.load_model('studies/my_data-my_model/best.keras');"
        "print(m.evaluate(x, (y == 'yes').astype(int), verbose=0)[1])"
    )
    opened = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert 0 < float(opened.stdout) <= 1, opened.stderr
    done = tuner("compare", "my_data-my_model", "--seeds", 3, "-q", "--json")
    assert done.returncode == 0, done.stderr
    verdict = json.loads(done.stdout)
    written = next(each for each in verdict["candidates"] if each["name"] == "as written")
    assert written["params"] == {"variant": "as written", "rate": 0.3, "width": 8}
    assert len(written["scores"]) == 3
    assert "the network as written" in verdict["sentence"]
