"""What is done to each column is said, and why, in few lines."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from _raw_rows import LABELS, NUMBERS, ROWS, N

from tuner.data._raw import RawData
from tuner.data.loading import open_dataset
from tuner.data.preparing import prepare
from tuner.data.settings import SplitSettings
from tuner.study.definition import StudyDefinition
from tuner.workers.resolve import resolve

BYTES = np.random.default_rng(0).integers(0, 256, (N, 8, 8)).astype("uint8")
SMALL = {"space": {"width": 8, "depth": 1}}


def said(raw, model="mlp", **table):
    definition = StudyDefinition.parse({**SMALL, "model": model, **table}, "test")
    settings = replace(definition.data_settings, source="mine")
    return resolve(definition, prepare(raw, settings).train_validation).notes


CASES = {
    "numbers": (RawData(ROWS, LABELS), {}, ["standardized", "the model does not scale them"]),
    "as they are": (
        RawData(ROWS, LABELS),
        {"training": {"standardize": False}},
        ["as they are", "rows stay as they are, as the study says"],
    ),
    "bytes": (RawData(BYTES, LABELS), {}, ["divided by 255", "rows are divided by 255: they are"]),
    "targets": (RawData(ROWS, NUMBERS), {}, ["standardized", "; targets are standardized"]),
    "targets as they are": (
        RawData(ROWS, NUMBERS),
        {"training": {"standardize_targets": False}},
        ["standardized", "; targets stay as they are, as the study says"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_rows_of_a_model_of_ours_are_told_by_kind_and_at_the_end(case):
    raw, table, (how, line) = CASES[case]
    notes = said(raw, **table)
    assert notes[0].startswith("task ")
    kind = "x: images of bytes (8, 8, 1), " if case == "bytes" else "x[:, 0], x[:, 1], x[:, 2], "
    assert notes[-2].startswith(kind)
    assert notes[-2].endswith(how)
    assert line in notes[-1]


def test_columns_of_a_table_are_summed_up_by_their_kind(tmp_path):
    many = {f"n{place}": ROWS[:, 0] + place for place in range(40)}
    frame = pd.DataFrame({**many, "flag": LABELS % 2, "count": LABELS * 3 + 2, "y": LABELS})
    frame.insert(0, "color", np.array(["red", "green", "blue"])[np.arange(N) % 3])
    path = tmp_path / "mine.csv"
    frame.to_csv(path, index=False)
    definition = StudyDefinition.parse({**SMALL, "data": str(path)}, "test")
    notes = resolve(definition, open_dataset(definition.data_settings).train_validation).notes
    assert "color: names, a column of 0 and 1 for each, standardized" in notes
    assert "n0, n1, n2, n3, n4 and 35 more: numbers, standardized" in notes
    assert "flag: 0 and 1, standardized" in notes
    assert "count: whole numbers, standardized" in notes
    assert len(notes) <= 12


def test_float_images_without_a_channel_axis_are_images_for_the_cnn_and_that_is_said():
    raw = RawData(BYTES / 255.0, LABELS)
    notes = said(raw, "cnn", space={"width": 2, "depth": 1})
    assert "images without a channel axis get one: (8, 8, 1)" in notes
    assert "x: numbers (8, 8, 1), standardized" in notes
    assert not [note for note in said(raw) if "channel axis" in note]  # an mlp takes them as rows


def test_a_study_keeps_what_was_decided():
    definition = StudyDefinition.parse(SMALL, "test")
    for raw, expected in ((RawData(BYTES, LABELS), "pixels"), (RawData(ROWS, LABELS), True)):
        data = prepare(raw, definition.data_settings).train_validation
        filled = resolve(definition, data).definition
        assert filled.training.standardize == expected
        again = StudyDefinition.parse(filled.to_table(), "store")
        data = prepare(raw, again.data_settings).train_validation
        assert resolve(again, data).definition.training == filled.training
    assert SplitSettings().standardize is None
