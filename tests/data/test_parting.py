"""Rows that say where they belong: a split column, numbers of rows to test on, groups, times."""

import numpy as np
import pytest
from _raw_rows import LABELS, NUMBERS, ROWS, N, prepared

from tuner.data._raw import RawData
from tuner.data.parting import parted
from tuner.data.preparing import prepare_final
from tuner.data.settings import SplitSettings
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition

NUMBER = np.arange(N)
X = np.column_stack([NUMBER, ROWS])
PARTS = np.array(["train", "valid", "TEST ", "train", "train"])[NUMBER % 5]
PLAIN = {"standardize": False}


def numbers(part):
    return part.x[:, 0].astype(int)


def split(raw, **table):
    """The numbers of the rows of each part: train and validation of every fold, then the test."""
    dataset = prepared(raw, **{"training": PLAIN, **table})
    folds = dataset.train_validation.folds
    return [
        *((numbers(each.train), numbers(each.validation)) for each in folds),
        numbers(dataset.test),
    ]


def final(raw, n=0, **table):
    """The numbers of the rows that a comparison trains on, and judges on."""
    settings = StudyDefinition.parse({"training": PLAIN, **table}, "test").data_settings
    data = prepare_final(raw, settings, n).train_validation
    return numbers(data.train), numbers(data.validation)


def test_a_split_column_says_the_parts():
    (train, validation), test = split(RawData(X, LABELS, split=PARTS))
    assert set(train % 5) == {0, 3, 4}
    assert validation.tolist() == NUMBER[NUMBER % 5 == 1].tolist()
    assert test.tolist() == NUMBER[NUMBER % 5 == 2].tolist()
    notes = prepared(RawData(X, LABELS, split=PARTS)).train_validation.notes
    assert notes[1:] == ("parts as the data say: 120 train, 40 validation, 40 test rows",)


def test_without_rows_to_validate_on_they_are_drawn_from_those_to_train_on():
    parts = np.where(NUMBER % 5 == 2, "test", "train")
    (train, validation), test = split(RawData(X, LABELS, split=parts))
    assert set(test % 5) == {2}
    assert len(validation) == 32
    assert not set(train) & set(validation)
    assert 2 not in {*(train % 5), *(validation % 5)}


def test_what_belongs_to_a_row_goes_to_its_part_too():
    raw = RawData(X, NUMBERS, split=PARTS, weight=1.0 + NUMBER)
    dataset = prepared(raw, training={**PLAIN, "standardize_targets": False})
    folds = dataset.train_validation
    for part in (folds.train, folds.validation, dataset.test):
        weight = 1.0 + numbers(part)
        np.testing.assert_allclose(part.weight, weight / weight.mean(), rtol=1e-6)
        np.testing.assert_allclose(part.y[:, 0], NUMBERS[numbers(part)], rtol=1e-6)


@pytest.mark.parametrize("suffix", [".txt", ".npy"])
def test_a_file_has_the_numbers_of_the_rows_to_test_on(suffix, tmp_path):
    path, rows = tmp_path / f"rows{suffix}", [3, 7, 11, 190]
    np.save(path, rows) if suffix == ".npy" else path.write_text("\n".join(map(str, rows)))
    table = {"training": {**PLAIN, "test_rows": str(path)}}
    (train, validation), test = split(RawData(X, LABELS), **table)
    assert test.tolist() == rows
    assert sorted({*train, *validation, *test}) == NUMBER.tolist()
    first = prepared(RawData(X, LABELS), **table).fingerprint
    np.save(path, [3]) if suffix == ".npy" else path.write_text("3")
    assert prepared(RawData(X, LABELS), **table).fingerprint != first


def test_a_comparison_trains_on_train_and_validation_part_and_other_splits_draw_anew():
    train, judged = final(RawData(X, LABELS, split=PARTS))
    assert sorted(train) == NUMBER[NUMBER % 5 != 2].tolist()
    assert set(judged % 5) == {2}
    train, judged = final(RawData(X, LABELS, split=PARTS), 1)
    assert (len(train), len(judged)) == (160, 40)
    assert len(set(judged % 5)) > 1


@pytest.mark.parametrize(("size", "n"), [(50, 50), (120, 120), (130, 130), (999, 160)])
def test_a_size_limits_given_parts_too(size, n):
    raw = RawData(X, LABELS, split=PARTS)
    table = {"training": {**PLAIN, "train_size": size}}
    (train, validation), _ = split(raw, **table)
    assert len(train) == min(size, 120)
    assert len(validation) == 40
    assert len(final(raw, **table)[0]) == n


@pytest.mark.parametrize(
    ("raw", "table", "words"),
    [
        (
            RawData(X, LABELS, split=PARTS),
            {"search": {"folds": 3}},
            "its own validation part: no --",
        ),
        (RawData(X, LABELS, split=np.where(NUMBER > 9, "train", "holdout")), {}, "part 'holdout'"),
        (RawData(X, LABELS, split=np.full(N, "test")), {}, "no row is to train on"),
        (RawData(X, LABELS, X, LABELS, split=PARTS), {}, "the data bring parts, and say"),
        (RawData(X, LABELS), {"training": {"group": "who"}}, "no column 'who': arrays have no col"),
        (
            RawData(X, LABELS, split=np.where(LABELS == 3, "test", "train")),
            {},
            "class '3' is only in the test part",
        ),
    ],
    ids=["folds", "unknown part", "nothing to train on", "twice", "no column", "new class"],
)
def test_parts_that_do_not_fit_are_refused(raw, table, words):
    with pytest.raises(UsageError, match=f"^my data: .*{words}"):
        prepared(raw, **table)


@pytest.mark.parametrize(
    "training",
    [
        {"split": "random", "order_by": "when"},
        {"split": "ordered", "group": "who"},
        {"split_column": "a", "test_rows": "b"},
    ],
    ids=str,
)
def test_two_ways_to_split_are_refused(training):
    with pytest.raises(UsageError, match="training"):
        StudyDefinition.parse({"training": training}, "test")


def test_the_old_name_of_ordered_is_read():
    for order, expected in (("time", "ordered"), ("random", "random")):
        training = StudyDefinition.parse({"training": {"order": order}}, "test").training
        assert training.split == expected
        assert "order" not in training.model_dump()


@pytest.mark.parametrize("folds", [1, 4])
@pytest.mark.parametrize("kind", ["numbers", "dates", "text"])
def test_no_row_is_trained_on_that_is_later_than_one_that_is_judged(folds, kind):
    when = np.random.default_rng(0).permutation(N)
    days = np.datetime64("2024-01-01") + when
    order = {"numbers": when, "dates": days, "text": days.astype(str)}[kind]
    raw = RawData(np.column_stack([when, ROWS]), LABELS, order=order)
    ordered = {"training": {**PLAIN, "split": "ordered"}, "search": {"folds": folds}}
    *parts, test = split(raw, **ordered)
    for train, judged in parts:
        assert train.max() < judged.min()
        assert judged.max() < test.min()
    train, judged = final(raw, training=ordered["training"])
    assert train.max() < judged.min()
    (train, judged), test = split(raw)  # drawn: some are later
    assert train.max() > judged.min()


GROUPS = np.random.default_rng(1).integers(0, 30, N)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "table",
    [
        {},
        {"search": {"folds": 4}},
        {"training": {"train_size": 60}},
        {"search": {"folds": 3}, "training": {"train_size": 60}},
    ],
    ids=str,
)
@pytest.mark.parametrize("y", [LABELS, NUMBERS], ids=["classes", "numbers"])
def test_rows_of_a_group_are_never_in_two_parts(seed, table, y):
    raw = RawData(X, y, groups=GROUPS.astype(str).astype(object))
    table = {"training": {**PLAIN, **table.get("training", {})},
             "search": {**table.get("search", {}), "seed": seed}}  # fmt: skip
    *parts, test = split(raw, **table)
    for train, judged in parts:
        held = [set(GROUPS[rows]) for rows in (train, judged, test)]
        assert not held[0] & held[1]
        assert not held[0] & held[2]
        assert not held[1] & held[2]
        assert len(train) <= table["training"].get("train_size", N)
        assert 20 <= len(test) <= 60
    for n in (0, 1):
        train, judged = final(raw, n, **table)
        assert not set(GROUPS[train]) & set(GROUPS[judged])
    (train, judged), _ = split(RawData(X, y))
    assert set(GROUPS[train]) & set(GROUPS[judged])  # without it they are split


def test_groups_keep_classes_in_proportion_as_well_as_they_can():
    raw = RawData(X, LABELS, groups=GROUPS)
    (train, judged), test = split(raw)
    for rows in (train, judged, test):
        assert (np.abs(np.bincount(LABELS[rows]) / len(rows) - 0.25) < 0.12).all()


def test_groups_that_given_parts_share_are_said():
    raw = RawData(X[:150], LABELS[:150], X[150:], LABELS[150:], groups=GROUPS[:150])
    notes = prepared(raw).train_validation.notes
    assert notes[2:] == ("30 groups of rows stay together",)
    shared = RawData(
        X[:150], LABELS[:150], X[150:], LABELS[150:], groups=GROUPS[:150], groups_test=GROUPS[150:]
    )
    assert (
        "groups are in the training part and in the test part too"
        in (prepared(shared).train_validation.notes[-1])
    )
    with pytest.raises(UsageError, match="a part has no groups, so that no other split"):
        final(raw, 1)


def test_groups_that_are_too_few_or_too_large_are_refused():
    with pytest.raises(UsageError, match="200 rows: they are one group, and each part needs"):
        prepared(RawData(X, LABELS, groups=np.zeros(N)))
    with pytest.raises(UsageError, match="down to 5: every group has more rows"):
        prepared(RawData(X, LABELS, groups=NUMBER // 20), training={"train_size": 5})


def test_groups_that_leave_no_row_of_a_class_to_train_on_are_refused_by_its_name():
    with pytest.raises(UsageError, match="is in groups that judge, and in none to train on"):
        prepared(RawData(X, LABELS, groups=LABELS))


def test_what_becomes_of_an_order_is_said():
    order = NUMBER[::-1]
    ordered = {"split": "ordered"}
    notes = prepared(RawData(X, LABELS, order=order), training=ordered).train_validation.notes
    assert "rows in time order, sorted by what orders them: the last ones judge" in notes
    notes = prepared(RawData(X, LABELS), training=ordered).train_validation.notes
    assert "rows in time order, as they stand: the last ones judge" in notes
    notes = prepared(RawData(X, LABELS, order=order)).train_validation.notes
    assert "they are drawn: --split ordered uses it" in notes[1]
    with pytest.raises(UsageError, match="rows have groups, which --split ordered would split"):
        prepared(RawData(X, LABELS, groups=GROUPS), training=ordered)


def test_bytes_beside_floats_are_no_parts_of_the_same_data():
    images = (ROWS * 9).astype("uint8")
    with pytest.raises(UsageError, match="x is uint8, and that of the test part float64"):
        prepared(RawData(images, LABELS, images / 255, LABELS))
    prepared(RawData(images, LABELS, images[:20], LABELS[:20]))


def test_a_part_that_the_data_lack_is_said_to_be_drawn():
    x, y = np.ones((30, 2)), np.arange(30) % 2
    raw = RawData(x, y, x_validation=x[:10], y_validation=y[:10])
    (note,) = parted(raw, SplitSettings(), "mine").notes
    assert note.endswith("10 validation rows (the test part is taken from the first)")
