"""Whole searches and comparisons on data whose answer is known: each is the other's control."""

import json
from pathlib import Path

import numpy as np
import pytest

from tuner.cli.main import run

STUDY = """
data = "{name}.npz"
[space]
variant = ["none", "standard"]
rate = {{low = {low}, high = 0.8}}
width = {width}
depth = {depth}
[training]
epochs = {epochs}
batch_size = {batch_size}
validation_split = 0.16
[search]
trials = {trials}
pruner = "none"
"""


def teacher(seed, n, n_inputs, n_classes, mislabelled):
    """Rows and the classes that a linear teacher gives them, some of them drawn instead."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, n_inputs)).astype("float32")
    y = (x @ generator.normal(size=(n_inputs, n_classes))).argmax(axis=1)
    drawn = generator.random(n) < mislabelled
    return x, np.where(drawn, generator.integers(0, n_classes, n), y)


def verdict(capsys, name, **settings):
    Path(f"{name}.toml").write_text(STUDY.format(name=name, **settings), encoding="utf-8")
    assert run(["search", f"{name}.toml", "-q"]) == 0
    capsys.readouterr()
    assert run(["compare", name, "--seeds", "6", "-q", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.zoo
def test_dropout_does_not_help_a_narrow_network_with_50_000_rows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    x, y = teacher(0, 50_000, 20, 3, mislabelled=0)
    np.savez("many.npz", x=x, y=y)
    found = verdict(capsys, "many", low=0.2, width=16, depth=1, epochs=3, batch_size=512, trials=6)
    assert found["case"] == "dropout does not help"
    assert found["sentence"].startswith("Dropout does not help here: use no dropout, width 16")
    assert "none" in found["may_be_best"]


@pytest.mark.slow
def test_dropout_helps_a_wide_network_with_500_rows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    x, y = teacher(0, 3_500, 40, 4, mislabelled=0.3)
    np.savez("few.npz", x_train=x[:500], y_train=y[:500], x_test=x[500:], y_test=y[500:])
    found = verdict(capsys, "few", low=0.3, width=256, depth=2, epochs=18, batch_size=64, trials=4)
    assert found["case"] == "dropout helps"
    assert "points" in found["sentence"]
    assert "below the same network without dropout (6 seeds, Holm p" in found["sentence"]
    assert "none" not in found["may_be_best"]
    best = found["candidates"][0]["gain"]
    assert 0.005 < best["interval"][0] < best["value"] < 0.1
    assert "The validation part was too small" in found["warnings"][0]
    assert run(["claims", "few", "--json"]) == 0
    claims = json.loads(capsys.readouterr().out)["findings"]
    held = {each["measure"]: each["holds"] for each in claims}
    assert held["train - test accuracy"] is True
