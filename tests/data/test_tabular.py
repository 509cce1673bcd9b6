"""Tables in parts, a file for each, and columns that say where rows belong."""

import numpy as np
import pytest
from _tables import opened

from tuner.data.files import read
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings, SplitSettings, TableSettings
from tuner.errors import UsageError

ROWS = "a;town;y\n"
TRAIN = "1;Rome;0\n2;Oslo;1\n3;Rome;0\n4;Oslo;1\n"


@pytest.fixture
def others(tmp_path):
    (tmp_path / "val.csv").write_text("a,town,y\n5,Bath,0\n6,Rome,1\n", encoding="utf-8")
    (tmp_path / "test.csv").write_text("y,town,a\n0,Oslo,7\n1,Oslo,8\n", encoding="utf-8")
    return {"validation": str(tmp_path / "val.csv"), "test": str(tmp_path / "test.csv")}


def test_a_file_for_each_part_has_its_categories_in_common(tmp_path, others):
    raw = opened(tmp_path, ROWS + TRAIN, **others)
    assert raw.features == ("a", "town_Bath", "town_Oslo", "town_Rome")
    assert raw.x_validation.matrix.tolist() == [[5, 1, 0, 0], [6, 0, 0, 1]]
    assert raw.x_test.matrix.tolist() == [[7, 0, 1, 0], [8, 0, 1, 0]]
    assert raw.y_test.tolist() == [0, 1]


def test_they_are_scaled_by_the_training_part(tmp_path, others):
    raw = opened(tmp_path, ROWS + TRAIN, **others)
    found = prepare(raw, DataSettings("t.csv"))
    data = found.train_validation
    assert data.scaling.mean[0] == 2.5
    assert (data.train.n, data.validation.n, found.test.n) == (4, 2, 2)
    assert data.validation.x[0, 0] == pytest.approx((5 - 2.5) / np.std([1, 2, 3, 4]))


def test_rows_are_counted_in_their_file(tmp_path, others):
    (tmp_path / "test.csv").write_text("a,town,y\n7,Oslo,0\nbig,Oslo,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"test\.csv: column 'a', row 2: 'big' is no number"):
        opened(tmp_path, ROWS + TRAIN, **others)


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("a,town\n7,Oslo\n", "no column 'y', beside those of"),
        ("a,town,y,z\n7,Oslo,0,1\n", "a column 'z' of its own"),
    ],
)
def test_parts_of_other_columns_are_refused(tmp_path, others, test, message):
    (tmp_path / "test.csv").write_text(test, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        opened(tmp_path, ROWS + TRAIN, **others)


def test_one_file_is_not_two_parts(tmp_path):
    with pytest.raises(UsageError, match="one file cannot be two parts"):
        opened(tmp_path, ROWS + TRAIN, test=str(tmp_path / "t.csv"))


def split(folder, text, said=None, **by):
    (folder / "s.csv").write_text(text, encoding="utf-8")
    return read(folder / "s.csv", "y", TableSettings(**(said or {})), SplitSettings(**by))


def test_columns_that_say_where_rows_belong_are_no_features(tmp_path):
    rows = "".join(f"p{n // 4},{n},{'test' if n > 30 else 'train'},{n % 2}\n" for n in range(40))
    raw = split(tmp_path, "who,a,part,y\n" + rows, group="who", split_column="part")
    assert raw.features == ("a",)
    assert raw.groups.tolist() == [f"p{n // 4}" for n in range(40)]
    assert set(raw.split) == {"train", "test"}


@pytest.mark.parametrize(
    ("when", "order"),
    [(["9", "10", "8"], [1, 2, 0]), (["13/01/2020", "02/02/2020", "01/03/2019"], [1, 2, 0])],
    ids=["numbers", "dates"],
)
def test_rows_are_ordered_by_what_a_column_means(tmp_path, when, order):
    rows = "".join(f"{t},{n},{n % 2}\n" for n, t in enumerate(when))
    raw = split(tmp_path, "when,a,y\n" + rows, order_by="when")
    assert np.argsort(np.argsort(raw.order)).tolist() == order
    assert raw.features == ("a",)


def test_rows_that_are_left_out_leave_their_groups(tmp_path):
    raw = split(tmp_path, "g,a,y\nu,1,0\nv,,1\nw,3,0\n", {"missing": "drop"}, group="g")
    assert raw.groups.tolist() == ["u", "w"]


def test_the_target_is_no_group_too(tmp_path):
    with pytest.raises(UsageError, match="column 'y' is the target, and no more"):
        split(tmp_path, "a,b,y\n1,2,0\n", group="y", order_by=None)
