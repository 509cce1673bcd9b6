"""Small files as people have them: read, said, or refused with what to do."""

import importlib.util
import json

import numpy as np
import pytest
from _places import ROOT

from tuner.cli.main import run
from tuner.data.loading import open_dataset
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition

CASES = ROOT.parent / "shared" / "cases" / "make_cases.py"
AS_PLAIN = {
    "plain.csv": (),
    "semicolon.csv": ("separator semicolon",),
    "semicolon_decimal_comma.csv": ("separator semicolon", "decimal comma"),
    "tabs.tsv": ("separator tab",),
    "packed.csv.gz": ("unpacked (gzip)",),
    "quoted_decimal_comma.csv": ("'a', 'b': decimal comma",),
    "trailing_commas.csv": ("column 4 without name and values is left out",),
    "no_header.csv": ("no header: columns are column_1",),
    "index_column.csv": ("an index without a name, is left out",),
    "whole_float_classes.csv": (),
}
REFUSED = {
    "question_mark.csv": ("column 'a', row 5: '?'", "1 of 120 rows", "--missing drop"),
    "missing.csv": ("column 'a', row 4: no value", "1 of 120 rows", "--missing impute"),
    "id.csv": ("column 'id' has 120 names in 120 rows", "--ignore id"),
    "sixty_thousand_names.csv": ("column 'name' has 60,000 names", "--ignore name"),
    "date.csv": ("column 'date'", "--dates numeric", "--dates parts", "--dates drop"),
    "class_of_one_row.csv": ("class 'rare' has one row", "drop it, or join it"),
}
OTHERS = {
    "latin1.csv": ("classification", (4,), ("encoding cp1252", "zürich")),
    "percent.csv": ("classification", (2,), ("column 'a': signs (%",)),
    "class_named_none.csv": ("classification", (2,), ("2 classes (None, yes)",)),
    "huge.csv": ("classification", (2,), ("far from zero",)),
    "own_validation.npz": ("classification", (8, 8, 1), ("40 train, 20 validation, 20 test",)),
    "multi_label.npz": ("multilabel", (8, 8, 1), ("3 labels, 0 or 1",)),
    "soft_labels.npz": ("classification", (8, 8, 1), ("probabilities of 3 classes",)),
}


@pytest.fixture(scope="module")
def cases(tmp_path_factory):
    if not CASES.is_file():
        pytest.skip(f"no cases at {CASES}")
    spec = importlib.util.spec_from_file_location("make_cases", CASES)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = tmp_path_factory.mktemp("cases")
    for make in (module.tables, module.offsets, module.arrays):
        make(folder)
    return folder


def opened(path, **table):
    settings = StudyDefinition.parse({"data": str(path), **table}, "case").data_settings
    return open_dataset(settings).train_validation


def rows(data):
    return np.concatenate([data.train.x, data.validation.x])


@pytest.mark.parametrize("name", AS_PLAIN)
def test_a_table_is_read_as_the_plain_one_and_what_was_found_is_said(cases, name):
    found, plain = opened(cases / name), opened(cases / "plain.csv")
    np.testing.assert_allclose(found.train.x, plain.train.x, atol=1e-6)
    np.testing.assert_array_equal(found.train.y, plain.train.y)
    assert found.classes == ("0", "1")
    assert found.notes[0].startswith("task classification: y is whole numbers, 2 classes")
    said = " ".join(found.notes[1:])
    assert all(each in said for each in AS_PLAIN[name])
    assert len(found.notes) == 1 + len(AS_PLAIN[name])


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_understood_is_refused_in_a_line_with_what_to_do(cases, name):
    with pytest.raises(UsageError) as refused:
        opened(cases / name)
    words = str(refused.value)
    assert all(each in words for each in (name, *REFUSED[name]))
    assert "\n" not in words


@pytest.mark.parametrize("name", OTHERS)
def test_what_data_are_is_said(cases, name):
    task, shape, notes = OTHERS[name]
    data = opened(cases / name)
    assert (data.spec.task, data.spec.input_shape) == (task, shape)
    assert all(note in " ".join(data.notes) for note in notes)
    assert np.isfinite(rows(data)).all()


@pytest.mark.parametrize("name", ["unix_seconds.csv", "datetimes.parquet", "yyyymmddhhmm.csv"])
def test_distinct_values_reach_the_network(cases, name):
    data = opened(cases / name)
    assert len(np.unique(rows(data))) >= 99


def test_weights_and_validation_rows_are_those_that_were_given(cases):
    assert opened(cases / "with_weights.npz").train.weight is not None
    given = np.load(cases / "own_validation.npz")["x_val"][..., None] / 255
    np.testing.assert_allclose(opened(cases / "own_validation.npz").validation.x, given, atol=1e-6)


@pytest.fixture
def value(cases, tmp_path, monkeypatch, capsys):
    """Searches a file, and gives its best value."""
    monkeypatch.chdir(tmp_path)

    def search(name, *options):
        given = ["search", "--data", str(cases / name), "--trials", "2", "--json", *options]
        capsys.readouterr()
        assert run(given) == 0
        return json.loads(capsys.readouterr().out)["best"]["value"]

    return search


@pytest.mark.slow
def test_a_target_far_from_zero_is_learned_as_its_twin(value):
    far, near = (
        value(f"target_{name}.npz", "--epochs", "20", "--name", name)
        for name in ("offset", "no_offset")
    )
    assert far == pytest.approx(near, rel=0.02)


@pytest.mark.slow
def test_gray_images_without_an_axis_work_with_the_cnn(value):
    assert 0 <= value("float_gray_images.npz", "--model", "cnn", "--epochs", "1") <= 1


EMBEDDING = """
import keras

def build(params, spec):
    inputs = keras.Input((20,), dtype="int32")
    x = keras.layers.Embedding(100, 16)(inputs)
    x = keras.layers.LSTM(params["width"])(x)
    x = keras.layers.Dropout(0.2)(x)
    return keras.Model(inputs, keras.layers.Dense(spec.n_outputs, "softmax")(x))
"""


@pytest.mark.slow
def test_tokens_reach_an_embedding_unchanged(value, tmp_path):
    (tmp_path / "net_of_tokens.py").write_text(EMBEDDING)
    (tmp_path / "tokens.toml").write_text("[training]\nepochs = 30\nbatch_size = 32\n")
    options = ("tokens.toml", "--model", "net_of_tokens:build", "--width", "32")
    assert value("tokens.npz", *options) > 0.95
