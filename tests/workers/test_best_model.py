"""The best model and its record are of one trial, whenever their writer dies."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from _drawn import read, trial

from tuner.workers.best_model import files, record_of, write
from tuner.workers.replay import ensure

RESULTS = read(trial("none", 0.8), trial("standard", 0.9, 0.5))
BEFORE = read(trial("none", 0.8))


def saves(text):
    return lambda path: path.write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_both_are_written_and_nothing_else(tmp_path):
    write(saves("model"), RESULTS, tmp_path)
    assert names(tmp_path) == ["best.json", "best.keras"]
    assert files(RESULTS, tmp_path) == [tmp_path / "best.keras", tmp_path / "best.json"]
    assert files(BEFORE, tmp_path) == []


def test_a_model_of_another_trial_is_not_given_with_a_record(tmp_path):
    """Its writer died when the model had its name, and the record not yet."""
    write(saves("model"), RESULTS, tmp_path)
    (tmp_path / "best.keras").write_text("of another trial")
    assert files(RESULTS, tmp_path) == []


class Died(BaseException):
    """What ends a process at once."""


@pytest.mark.parametrize("dies_at", ["best.keras", "best.json"])
def test_who_dies_leaves_no_pair_of_two_trials(tmp_path, monkeypatch, dies_at):
    write(saves("before"), BEFORE, tmp_path)
    rename = Path.replace

    def die(path, target):
        if target.name == dies_at:
            raise Died
        return rename(path, target)

    monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(Died):
        write(saves("model"), RESULTS, tmp_path)
    assert files(RESULTS, tmp_path) == []
    assert bool(files(BEFORE, tmp_path)) is (dies_at == "best.keras")


def test_a_full_disk_leaves_what_was_there(tmp_path):
    write(saves("before"), BEFORE, tmp_path)

    def fill_up(path):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write(fill_up, RESULTS, tmp_path)
    assert names(tmp_path) == ["best.json", "best.keras"]
    assert files(BEFORE, tmp_path)


def test_a_record_of_an_older_version_is_valid(tmp_path):
    (tmp_path / "best.keras").write_text("model")
    (tmp_path / "best.json").write_text(json.dumps(record_of(RESULTS)))
    assert files(RESULTS, tmp_path)
    assert files(BEFORE, tmp_path) == []


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1"])
def test_a_record_that_is_none_is_not_of_the_best(tmp_path, text):
    (tmp_path / "best.keras").write_text("model")
    (tmp_path / "best.json").write_text(text)
    assert files(RESULTS, tmp_path) == []


@pytest.mark.slow
def test_a_missing_best_model_is_trained_again_to_the_same_value(place, finished):
    first = keras.saving.load_model(place / "out" / "best.keras").get_weights()
    (place / "out" / "best.keras").unlink()
    ensure(finished, place / "out")
    again = keras.saving.load_model(place / "out" / "best.keras").get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert json.loads((place / "out" / "best.json").read_text())["value"] == finished.best.value
