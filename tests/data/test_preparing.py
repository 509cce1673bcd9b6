"""Raw arrays -> checked, split and standardized parts, the test part sealed."""

import numpy as np
import pytest
from _raw_rows import LABELS, NUMBERED, NUMBERS, RAW_SCALE, ROWS, N, prepared, with_value

from tuner.data._raw import RawData
from tuner.data.preparing import prepare_final
from tuner.errors import UsageError
from tuner.study.definition import StudyDefinition


def parts(dataset):
    return dataset.train_validation.train, dataset.train_validation.validation, dataset.test


def row_numbers(dataset):
    return [part.x[:, 0].astype(int).tolist() for part in parts(dataset)]


@pytest.mark.parametrize(
    ("training", "sizes"),
    [
        ({}, [128, 32, 40]),
        ({"test_split": 0.5}, [80, 20, 100]),
        ({"validation_split": 0.5}, [80, 80, 40]),
        ({"train_size": 60}, [60, 32, 40]),
        ({"train_size": 127}, [127, 32, 40]),
        ({"train_size": 128}, [128, 32, 40]),
        ({"train_size": 10_000}, [128, 32, 40]),
    ],
    ids=str,
)
def test_parts_have_the_sizes_that_were_asked(training, sizes):
    dataset = prepared(RawData(ROWS, LABELS), training=training)
    assert [len(part.x) for part in parts(dataset)] == sizes
    assert [len(part.y) for part in parts(dataset)] == sizes


def test_given_test_part_is_kept_whole():
    dataset = prepared(RawData(ROWS, LABELS, ROWS[:50], LABELS[:50]))
    assert [len(part.x) for part in parts(dataset)] == [160, 40, 50]
    np.testing.assert_array_equal(dataset.test.y, LABELS[:50])


def test_parts_are_disjoint_and_cover_all_rows():
    train, validation, test = row_numbers(prepared(NUMBERED, **RAW_SCALE))
    assert sorted(train + validation + test) == list(range(N))


def test_rows_keep_their_labels():
    dataset = prepared(NUMBERED, **RAW_SCALE)
    for numbers, part in zip(row_numbers(dataset), parts(dataset), strict=True):
        np.testing.assert_array_equal(part.y, LABELS[numbers])


def test_every_part_has_every_class_in_proportion():
    counts = [np.bincount(part.y).tolist() for part in parts(prepared(NUMBERED))]
    assert counts == [[32] * 4, [8] * 4, [10] * 4]


def test_same_seed_gives_the_same_parts():
    first, second = (row_numbers(prepared(NUMBERED, **RAW_SCALE)) for _ in range(2))
    assert first == second


def test_another_seed_gives_other_parts():
    first = row_numbers(prepared(NUMBERED, **RAW_SCALE, search={"seed": 0}))
    second = row_numbers(prepared(NUMBERED, **RAW_SCALE, search={"seed": 1}))
    assert all(a != b for a, b in zip(first, second, strict=True))


def test_train_size_leaves_validation_and_test_as_they_are():
    whole = row_numbers(prepared(NUMBERED, **RAW_SCALE))
    training = {"train_size": 60, "standardize": False}
    small = row_numbers(prepared(NUMBERED, training=training))
    assert small[1:] == whole[1:]
    assert set(small[0]) < set(whole[0])


def test_standardization_is_fitted_on_the_train_part():
    train = prepared(RawData(ROWS, LABELS)).train_validation.train
    np.testing.assert_allclose(train.x.mean(axis=0), 0.0, atol=1e-5)
    np.testing.assert_allclose(train.x.std(axis=0), 1.0, atol=1e-5)


@pytest.mark.parametrize("part", [1, 2])
def test_standardization_is_not_fitted_on_the_other_parts(part):
    rows = parts(prepared(RawData(ROWS, LABELS)))[part].x
    assert (np.abs(rows.mean(axis=0)) > 1e-3).all()
    assert (np.abs(rows.std(axis=0) - 1.0) > 1e-3).all()


def test_images_are_standardized_by_channel():
    images = np.random.default_rng(0).normal([1.0, 50.0], [2.0, 9.0], (N, 6, 6, 2))
    train = prepared(RawData(images, LABELS)).train_validation.train
    np.testing.assert_allclose(train.x.mean(axis=(0, 1, 2)), 0.0, atol=1e-5)
    np.testing.assert_allclose(train.x.std(axis=(0, 1, 2)), 1.0, atol=1e-5)


def test_rows_stay_as_they_are_without_standardization():
    dataset = prepared(NUMBERED, **RAW_SCALE)
    for numbers, part in zip(row_numbers(dataset), parts(dataset), strict=True):
        np.testing.assert_array_equal(part.x, NUMBERED.x[numbers].astype("float32"))


@pytest.mark.parametrize("constant", [0.0, 0.1, 7.0])
def test_constant_feature_is_only_centred(constant):
    rows = ROWS.copy()
    rows[:, 0] = constant
    test_rows = np.full((9, 5), constant + 0.5)
    dataset = prepared(RawData(rows, LABELS, test_rows, LABELS[:9]))
    np.testing.assert_allclose(dataset.train_validation.train.x[:, 0], 0.0)
    np.testing.assert_allclose(dataset.test.x[:, 0], 0.5, rtol=1e-6)


def test_rows_are_float32_and_classes_int32():
    for part in parts(prepared(RawData(ROWS, LABELS))):
        assert (part.x.dtype, part.y.dtype) == (np.float32, np.int32)


def test_grey_images_of_bytes_get_a_channel_axis():
    images = np.random.default_rng(0).integers(0, 256, (N, 8, 8), dtype=np.uint8)
    dataset = prepared(RawData(images, LABELS, images[:9], LABELS[:9]))
    assert dataset.train_validation.spec.input_shape == (8, 8, 1)
    assert dataset.test.x.shape == (9, 8, 8, 1)


def test_sequences_of_numbers_get_no_channel_axis():
    dataset = prepared(RawData(np.random.default_rng(0).normal(size=(N, 8, 3)), LABELS))
    assert dataset.train_validation.spec.input_shape == (8, 3)


def test_regression_targets_are_standardized_on_the_train_part():
    dataset = prepared(RawData(ROWS, NUMBERS))
    train = dataset.train_validation.train.y
    assert train.shape == (128, 1)
    assert train.dtype == np.float32
    np.testing.assert_allclose([train.mean(), train.std()], [0.0, 1.0], atol=1e-5)
    assert abs(dataset.test.y.mean()) > 1e-3


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (RawData(with_value(ROWS, np.nan), LABELS), "1 values of x are missing \\(NaN\\)"),
        (RawData(with_value(ROWS, -np.inf), LABELS), r"infinite, the first is x\[\d+, \d+\]"),
        (RawData(ROWS, with_value(NUMBERS, np.nan)), "1 values of y are missing"),
        (RawData(ROWS, LABELS, with_value(ROWS, np.nan), LABELS), "1 values of x are missing"),
        (RawData(ROWS, NUMBERS, ROWS, with_value(NUMBERS, np.nan)), "1 values of y are missing"),
        (RawData(ROWS, LABELS[:-1]), "200 rows of x, 199 of y"),
        (RawData(ROWS[:0], LABELS[:0]), "0 rows of x, 0 of y"),
        (RawData(ROWS, np.asarray(3)), "y"),
        (RawData(ROWS[:, 0], LABELS), r"x must be numbers of shape \(rows, ...\), got float64"),
        (RawData(ROWS.astype(object), LABELS), "x must be numbers or text: .+ is a float"),
        (RawData(ROWS, LABELS, ROWS[:, :3], LABELS), "test"),
        (RawData(ROWS, LABELS, ROWS[:, :1], LABELS), "test"),
        (RawData(ROWS, np.column_stack([NUMBERS] * 2), ROWS, NUMBERS), "test"),
        (RawData(ROWS, np.zeros((N, 2, 2), int)), "y"),
        (RawData(ROWS, np.zeros(N, int)), r"only one class \(0\): nothing to tell apart"),
        (RawData(ROWS, LABELS, ROWS, LABELS + 1), "class '4' is only in the test part"),
        (
            RawData(ROWS, np.minimum(np.arange(N), 1)),
            "cannot split 200 rows: class '0' has one row, and each part",
        ),
        (RawData(ROWS, np.full(N, 2.5)), "every target is 2.5: nothing to learn"),
    ],
    ids=[
        "NaN in x",
        "infinity in x",
        "NaN in y",
        "NaN in the test x",
        "NaN in the test y",
        "fewer labels",
        "no rows",
        "y is one number",
        "x of one axis",
        "x of objects",
        "test x of other columns",
        "test x of one column",
        "test y of other columns",
        "y of three axes",
        "one class",
        "class only in test",
        "class of one row",
        "constant target",
    ],
)
def test_data_that_cannot_be_used_are_refused(raw, words):
    with pytest.raises(UsageError, match=f"^my data: .*{words}"):
        prepared(raw)


def final(raw, split, **table):
    return prepare_final(raw, StudyDefinition.parse(table, "test").data_settings, split)


def test_another_split_has_other_parts_of_the_same_sizes():
    table = {"training": {"standardize": False}}
    found = [final(NUMBERED, split, **table) for split in (0, 1, 2, 1)]
    tests = [sorted(dataset.test.x[:, 0]) for dataset in found]
    assert [len(test) for test in tests] == [40] * 4
    assert tests[1] == tests[3] != tests[2] != tests[0] != tests[1]
    for dataset in found:
        assert len(set(dataset.test.x[:, 0]) | set(dataset.train_validation.train.x[:, 0])) == N


def test_another_split_draws_from_a_test_part_that_came_with_the_data_too():
    numbers = NUMBERED.x[:, 0]
    own = RawData(NUMBERED.x[:150], LABELS[:150], NUMBERED.x[150:], LABELS[150:])
    first, other = (final(own, split, training={"standardize": False}) for split in (0, 1))
    assert set(first.test.x[:, 0]) == set(numbers[150:])
    assert len(other.test.x) == 50
    assert set(other.test.x[:, 0]) & set(numbers[:150])
    assert len(set(other.test.x[:, 0]) | set(other.train_validation.train.x[:, 0])) == N


def test_noisy_targets_are_trained_on_and_do_not_judge():
    noisy = np.roll(NUMBERS, 1)
    dataset = prepared(RawData(ROWS, NUMBERS, y_noisy=noisy))
    true = prepared(RawData(ROWS, NUMBERS))
    scaling = dataset.train_validation.scaling
    rows = dataset.train_validation.train.x[:, 0].astype(int)
    assert rows.tolist() == true.train_validation.train.x[:, 0].astype(int).tolist()
    learned = parts(dataset)[0].y * scaling.y_scale + scaling.y_mean
    assert not np.allclose(learned, parts(true)[0].y * scaling.y_scale + scaling.y_mean)
    for part, expected in zip(parts(dataset)[1:], parts(true)[1:], strict=True):
        judged = part.y * scaling.y_scale + scaling.y_mean
        assert judged == pytest.approx(
            expected.y * true.train_validation.scaling.y_scale
            + true.train_validation.scaling.y_mean,
            rel=1e-4,
        )


@pytest.mark.parametrize("noisy", [LABELS[:-1], np.where(LABELS[0] == LABELS, 99, LABELS)])
def test_noisy_targets_that_are_not_those_of_the_rows_are_refused(noisy):
    with pytest.raises(UsageError, match="y_noisy must have a value of y for each row of y"):
        prepared(RawData(ROWS, LABELS, y_noisy=noisy))


def test_a_class_that_comes_too_late_to_be_learned_is_said():
    late = np.where(np.arange(N) < 0.7 * N, LABELS % 3, LABELS)
    in_order = {"training": {"split": "ordered"}}
    said = prepared(RawData(ROWS, late), **in_order).train_validation.notes[-1]
    assert said == "judged, and in no row that is trained on: class 3"
    assert "no row" not in " ".join(prepared(RawData(ROWS, late)).train_validation.notes)
    assert "no row" not in " ".join(
        prepared(RawData(ROWS, LABELS), **in_order).train_validation.notes
    )
