"""Stdout is one document, whatever code of a user's prints."""

import json

import pytest
from _cli import tuner

MODULE = """
import os, keras, numpy as np
print("imported")

def load():
    print("loading")
    os.write(1, b"raw")
    x = np.random.default_rng(0).normal(size=(80, 3)).astype("float32")
    return x, (x[:, 0] > 0).astype(int)

def build(params, spec):
    print("building")
    layers = [keras.layers.Dropout(0.2), keras.layers.Dense(2)]
    return keras.Sequential([keras.Input((3,)), *layers])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("sites",),
        ("search", "--epochs", 1, "--trials", 2, "--dry-run"),
        ("search", "--epochs", 1, "--trials", 2, "-q"),
    ],
    ids=["sites", "dry-run", "search"],
)
def test_what_a_user_prints_goes_to_stderr(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "noisy_module.py").write_text(MODULE)
    done = tuner(*command, "--model", "noisy_module:build", "--data", "noisy_module:load", "--json")
    assert done.returncode == 0, done.stderr
    assert isinstance(json.loads(done.stdout), dict)
    assert "building" in done.stderr or command[-1] == "-q"
