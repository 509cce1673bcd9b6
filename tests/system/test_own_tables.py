"""Tables of a user, searched, compared and opened again: texts, holes, and parts in files."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tuner.cli.main import run

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tuner(capsys):
    """Runs a command, and gives what it printed."""

    def tuner(*arguments):
        capsys.readouterr()
        assert run([*map(str, arguments)]) == 0
        return capsys.readouterr().out

    return tuner


def answers(study, rows):
    model = keras.saving.load_model(f"studies/{study}/best.keras")
    return model(tf.constant(rows)).numpy()


def rows(n, seed=0):
    """Rows a, c, y of which a tells y, for every second row, with a hole in every sixth a."""
    a = np.random.default_rng(seed).normal(size=n).round(3)
    cells = ("" if i % 6 == 5 else value for i, value in enumerate(a))
    return "a,c,y\n" + "".join(
        f"{cell},{'uv'[i % 2]},{'yes' if a[i] > 0 else 'no'}\n" for i, cell in enumerate(cells)
    )


def test_texts_are_learned_and_the_model_takes_strings(place, tuner):
    words = "".join(
        f"so {'good' if n % 2 else 'bad'} a film {n % 50},{n % 2}\n" for n in range(400)
    )
    (place / "reviews.csv").write_text("text,liked\n" + words)
    command = ("search", "--data", "reviews.csv", "--model", "text", "-n", 2, "--epochs", 12)
    said = tuner(*command, "--width", 32, "--json", "-q")
    assert json.loads(said)["best"]["value"] > 0.95
    found = answers("reviews-text", ["so good a film 1", "so bad a film 1"])
    assert found.argmax(axis=1).tolist() == [1, 0]


def test_holes_are_filled_in_the_model_as_in_the_training(place, tuner):
    (place / "holes.csv").write_text(rows(200))
    tuner("search", "--data", "holes.csv", "--missing", "impute", "-n", 2, "--epochs", 2, "-q")
    found = answers("holes", [[np.nan, 1.0, 0.0, 1.0], [0.5, 1.0, 0.0, 0.0]])
    assert np.isfinite(found).all()
    assert "same value" in tuner("replay", "holes", 0)


def test_parts_in_files_are_validated_and_compared_on(place, tuner):
    for seed, name in enumerate(("train", "val", "test")):
        (place / f"{name}.csv").write_text(rows(120, seed))
    parts = ("--data", "train.csv", "--validation", "val.csv", "--test", "test.csv")
    command = ("search", *parts, "--missing", "drop", "-n", 2, "--epochs", 2, "--variant", "none")
    tuner(*command, "--variant", "standard", "--width", 8, "-q")
    said = tuner("compare", "train", "--seeds", 2, "--json")
    assert json.loads(said)["study"] == "train"
