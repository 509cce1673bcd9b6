"""Which rows train, which judge, which stay sealed: drawn, in folds, in time order."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from _raw_rows import LABELS, NUMBERED, NUMBERS, ROWS, N, prepared

from tuner.data._raw import RawData
from tuner.data.preparing import prepare, prepare_final
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition

PLAIN = {"standardize": False}
TIME = {"training": {**PLAIN, "order": "time"}}


def numbers(part):
    return part.x[:, 0].astype(int).tolist()


def searched(raw=NUMBERED, **table):
    """The numbers of the rows of each fold, to train on and to judge on."""
    data = prepared(raw, **{"training": PLAIN, **table}).train_validation
    return [(numbers(fold.train), numbers(fold.validation)) for fold in data.folds]


def final(raw=NUMBERED, split=0, **table):
    """The numbers of the rows that a comparison trains on, and judges on."""
    settings = StudyDefinition.parse({"training": PLAIN, **table}, "test").data_settings
    data = prepare_final(raw, settings, split).train_validation
    return numbers(data.train), numbers(data.validation)


def test_folds_judge_on_every_row_of_the_search_once_and_train_on_the_others():
    (train, validation), sealed = searched()[0], final()[1]
    folds = searched(search={"folds": 5})
    assert sorted(itertools.chain(*(judged for _, judged in folds))) == sorted(train + validation)
    for rows, judged in folds:
        assert sorted(rows + judged) == sorted(train + validation)
        assert not set(sealed) & {*rows, *judged}


def test_folds_have_the_classes_in_proportion():
    for train, judged in searched(search={"folds": 5}):
        assert np.bincount(LABELS[train]).tolist() == [32] * 4
        assert np.bincount(LABELS[judged]).tolist() == [8] * 4


def test_folds_of_a_regression_cover_the_rows_too():
    folds = searched(RawData(NUMBERED.x, NUMBERS), search={"folds": 3})
    assert sorted(len(judged) for _, judged in folds) == [53, 53, 54]


def test_each_fold_is_standardized_by_the_rows_that_it_trains_on():
    data = prepared(RawData(ROWS, NUMBERS), search={"folds": 3}).train_validation
    for fold in data.folds:
        np.testing.assert_allclose(fold.train.x.mean(axis=0), 0.0, atol=1e-5)
        np.testing.assert_allclose(fold.train.y.std(axis=0), 1.0, atol=1e-5)
        assert (np.abs(fold.validation.x.mean(axis=0)) > 1e-4).all()
    assert len({float(fold.scaling.y_scale[0]) for fold in data.folds}) == 3


def test_folds_repeat_by_the_seed():
    folds = [searched(search={"folds": 3, "seed": seed}) for seed in (0, 0, 1)]
    assert folds[0] == folds[1] != folds[2]


def test_the_rows_of_folds_count_as_a_search_uses_them():
    data = prepared(NUMBERED, search={"folds": 5}).train_validation
    assert (data.n_train, data.n_validation) == (128, 160)
    data = prepared(NUMBERED).train_validation
    assert (data.n_train, data.n_validation) == (128, 32)


@pytest.mark.parametrize("folds", [1, 3])
def test_every_fold_trains_on_the_rows_that_were_asked_for(folds):
    table = {"training": {**PLAIN, "train_size": 40}, "search": {"folds": folds}}
    assert [len(train) for train, _ in searched(**table)] == [40] * folds
    assert len(final(**table)[0]) == 40


def test_a_comparison_trains_on_the_rows_of_a_search_with_a_size():
    table = {"training": {**PLAIN, "train_size": 40}}
    ((train, _),) = searched(**table)
    rows, judged = final(**table)
    assert rows == train
    assert judged == final()[1]
    assert len(final()[0]) == 160  # without a size: train and validation part


@pytest.mark.parametrize(("size", "n"), [(128, 128), (150, 150), (160, 160), (10_000, 160)])
def test_where_the_search_has_fewer_rows_a_comparison_has_more(size, n):
    table = {"training": {**PLAIN, "train_size": size}}
    ((train, _),) = searched(**table)
    rows, judged = final(**table)
    assert len(rows) == n
    assert set(train) <= set(rows)
    assert not set(rows) & set(judged)


def test_another_split_of_a_size_has_other_rows_as_many():
    table = {"training": {**PLAIN, "train_size": 40}}
    one, other = (final(split=split, **table)[0] for split in (0, 1))
    assert len(one) == len(other) == 40
    assert set(one) != set(other)


def test_rows_in_time_order_are_judged_by_those_that_come_after():
    ((train, validation),) = searched(**TIME)
    rows, sealed = final(**TIME)
    assert [train, validation, sealed] == [
        list(range(128)),
        list(range(128, 160)),
        list(range(160, N)),
    ]
    assert rows == list(range(160))
    assert searched()[0][0] != sorted(searched()[0][0])  # drawn: not in order


def test_in_time_order_a_fold_trains_on_all_rows_before_those_that_it_judges_on():
    folds = searched(**TIME, search={"folds": 4})
    assert [(len(train), len(judged)) for train, judged in folds] == [
        (32, 32),
        (64, 32),
        (96, 32),
        (128, 32),
    ]
    for train, judged in folds:
        assert train == list(range(judged[0]))
        assert judged == list(range(judged[0], judged[0] + 32))


def test_in_time_order_a_size_takes_the_latest_rows():
    table = {"training": {**TIME["training"], "train_size": 50}}
    ((train, _),) = searched(**table)
    assert train == list(range(78, 128))
    assert final(**table)[0] == list(range(110, 160))


@pytest.mark.parametrize(
    ("raw", "table", "words"),
    [
        (
            RawData(ROWS, np.minimum(np.arange(N) // 2, 4)),
            {"search": {"folds": 5}},
            "cannot split 160 rows into 5 folds: class '0' has [12]$",
        ),
        (
            RawData(ROWS, NUMBERS),
            {"search": {"folds": 161}},
            "cannot split 160 rows into 161 folds: there are too few rows",
        ),
        (
            RawData(ROWS, NUMBERS),
            {"search": {"folds": 160}, "training": {"order": "time"}},
            "cannot split 160 rows into 160 folds: there are too few rows",
        ),
    ],
    ids=["class", "rows", "time"],
)
def test_folds_of_too_few_rows_are_refused(raw, table, words):
    with pytest.raises(UsageError, match=f"^my data: {words}"):
        prepared(raw, **table)


def test_rows_in_time_order_have_no_other_split():
    with pytest.raises(UsageError, match="rows in time order have one split"):
        final(split=1, **TIME)


def in_parts(**table):
    """Rows that are numbered in an array, in a text and in their weight."""
    numbers = np.arange(N)
    x = {"number": numbers, "text": numbers.astype(str).astype(object)}
    y = (numbers * 2, {"half": numbers / 2})
    raw = RawData(x, y, weight=(numbers + 1).astype("float32"))
    settings = replace(StudyDefinition.parse(table, "test").data_settings, as_given=True)
    splits = (0,) if settings.split.split == "ordered" else (0, 1)
    return [prepare(raw, settings), *(prepare_final(raw, settings, n) for n in splits)]


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"search": {"folds": 3}},
        {"training": {"order": "time"}},
        {"training": {"train_size": 9}},
    ],
    ids=str,
)
def test_arrays_of_a_row_and_its_weight_stay_together_in_every_part(table):
    for dataset in in_parts(**table):
        folds = dataset.train_validation.folds
        for part in (dataset.test, *(p for f in folds for p in (f.train, f.validation))):
            numbers = part.x["number"]
            assert part.n == len(numbers) > 0
            assert part.x["text"].tolist() == [str(n) for n in numbers]
            assert part.y[0].tolist() == (numbers * 2).tolist()
            assert part.y[1]["half"].tolist() == (numbers / 2).tolist()
            assert part.weight.tolist() == (numbers + 1).tolist()
        assert not set(folds[0].train.x["number"]) & set(dataset.test.x["number"])


def test_the_fingerprint_knows_weights_and_the_names_of_arrays():
    given = RawData({"a": ROWS, "b": NUMBERS}, LABELS)
    weighted = replace(given, weight=np.ones(N, "float32"))
    renamed = RawData({"a": ROWS, "c": NUMBERS}, LABELS)
    settings = replace(StudyDefinition().data_settings, as_given=True)
    found = [prepare(raw, settings).fingerprint for raw in (given, given, weighted, renamed)]
    assert found[0] == found[1]
    assert len(set(found)) == 3


def test_a_class_of_one_row_is_named_and_numbers_need_be_no_classes():
    numbers = np.where(np.arange(N) == 3, 7, LABELS)
    with pytest.raises(UsageError, match=r"class '7' has one row, .*\(--task regression\)$"):
        prepared(RawData(ROWS, numbers))
    names = np.where(np.arange(N) == 3, "rare", np.array(list("abcd"))[LABELS])
    with pytest.raises(
        UsageError, match=r"class 'rare' has one row, .* join it with another class$"
    ):
        prepared(RawData(ROWS, names))
