"""Missing values: refused with the first cell, left out, or filled by the rows trained on."""

import numpy as np
import pytest
from _tables import opened

from tuner.data.preparing import prepare, prepare_final
from tuner.data.settings import DataSettings
from tuner.errors import UsageError

HOLES = "a,c,y\n1,u,0\n2,v,1\n?,u,0\n4,,1\n5,v,0\n"
CLASSES = "a,y\n1,yes\n2,None\n3,NA\n4,null\n5,true\n6,yes\n"


@pytest.mark.parametrize("mark", ["", "?", "NA", "N/A", "nan", "NULL", "None", "-", "."])
def test_each_way_to_write_none_is_refused_with_column_row_and_count(tmp_path, mark):
    with pytest.raises(UsageError, match=r"column 'a', row 3: .*\(1 of 4 rows.*--missing drop"):
        opened(tmp_path, f"a,y\n1,0\n2,1\n{mark},0\n4,1\n")


def test_the_cell_itself_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"row 3: '\?' for a missing value .* and 1 more column"):
        opened(tmp_path, HOLES)


def test_a_name_such_as_none_or_a_minus_is_no_hole_among_names(tmp_path):
    raw = opened(tmp_path, "c,y\nNone,0\n-,1\nsome,0\nNone,1\n")
    assert raw.features == ("c_-", "c_None", "c_some")
    with pytest.raises(UsageError, match="'NA' for a missing value"):
        opened(tmp_path, "c,y\nNA,0\n-,1\nsome,0\n")


def test_drop_leaves_out_rows_that_lack_one_and_counts_them(tmp_path):
    raw = opened(tmp_path, HOLES, missing="drop")
    assert raw.x.matrix[:, 0].tolist() == [1, 2, 5]
    assert raw.y.tolist() == [0, 1, 0]
    assert "2 of 5 rows with missing values are left out (a 1, c 1)" in raw.notes


def test_impute_keeps_them_with_a_column_that_says_so(tmp_path):
    raw = opened(tmp_path, HOLES, missing="impute")
    assert raw.features == ("a", "c_u", "c_v", "c_missing", "a_missing")
    assert raw.x.matrix[:, 3].tolist() == [0, 0, 0, 1, 0]
    assert raw.x.matrix[:, 4].tolist() == [0, 0, 1, 0, 0]
    assert len(raw.y) == 5
    assert "column 'c': missing values are a category of their own" in raw.notes


def test_missing_text_is_said_to_be_empty(tmp_path):
    rows = "".join(f"words of row {n},{n % 2}\n" for n in range(30))
    raw = opened(tmp_path, f"text,y\n,0\n{rows}", missing="impute")
    assert raw.x["text"][0] == ""
    assert "column 'text': missing text is empty" in raw.notes


def test_rows_without_a_target_are_refused_or_left_out(tmp_path):
    rows = "a,y\n1,0.5\n2,1.5\n3,\n"
    with pytest.raises(UsageError, match=r"column 'y', row 3: no value .*--missing drop"):
        opened(tmp_path, rows)
    for way in ("drop", "impute"):
        assert opened(tmp_path, rows, missing=way).y.tolist() == [0.5, 1.5]


def test_classes_are_what_they_are_called(tmp_path):
    assert opened(tmp_path, CLASSES).y.tolist() == ["yes", "None", "NA", "null", "true", "yes"]


@pytest.mark.parametrize("names", [("true", "false"), ("null", "nan"), ("None", "NA")])
def test_two_classes_are_named_as_in_the_file(tmp_path, names):
    assert set(opened(tmp_path, f"a,y\n1,{names[0]}\n2,{names[1]}\n").y) == set(names)


def test_a_column_without_any_value_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no value: --ignore b"):
        opened(tmp_path, "a,b,y\n1,,0\n2,,1\n", missing="impute")


def holes(folder):
    """Forty rows, of which every fourth lacks a; the others are 0 to 29, and so is b."""
    cells = ("" if n % 4 == 3 else n for n in range(40))
    rows = "".join(f"{a},{n},{n % 2}\n" for n, a in enumerate(cells))
    return opened(folder, f"a,b,y\n{rows}", missing="impute")


@pytest.mark.parametrize("prepared", [prepare, prepare_final])
def test_holes_become_the_median_of_the_rows_that_are_trained_on(tmp_path, prepared):
    found = prepared(holes(tmp_path), DataSettings("t.csv", as_given=True))
    data, test = found.train_validation, found.test
    median = data.fill.matrix[0, 0]
    known = data.train.x.matrix[data.train.x.matrix[:, 2] == 0, 0]
    assert median == np.median(known)
    for part in (data.train, data.validation, test):
        lacks = part.x.matrix[:, 2] == 1
        assert (part.x.matrix[lacks, 0] == median).all()
        assert (part.x.columns["a"] == part.x.matrix[:, 0]).all()
        assert not (part.x.matrix[~lacks, 0] == median).all()


def test_each_fold_is_filled_by_its_own_rows(tmp_path):
    settings = DataSettings("t.csv", as_given=True, folds=4)
    folds = prepare(holes(tmp_path), settings).train_validation.folds
    assert len({fold.fill.matrix[0, 0] for fold in folds}) > 1


def test_a_built_in_model_gets_no_hole(tmp_path):
    data = prepare(holes(tmp_path), DataSettings("t.csv")).train_validation
    assert np.isfinite(data.train.x).all()
    assert np.isfinite(data.validation.x).all()


def test_a_name_of_missing_is_another_than_what_is_missing(tmp_path):
    raw = opened(tmp_path, "c,y\nmissing,0\n?,1\nu,0\n", missing="impute")
    assert raw.features == ("c_missing", "c_u", "c_missing_")
    assert raw.x.matrix.tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert raw.x.columns["c"].tolist() == ["missing", "missing_", "u"]
