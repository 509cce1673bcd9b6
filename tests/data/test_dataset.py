"""What is handed to a search: no path to the test part, and a way back to the raw rows."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
from _raw_rows import LABELS, NUMBERED, NUMBERS, RAW_SCALE, ROWS, prepared, with_value

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings


def arrays_within(value):
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return [a for field in fields for a in arrays_within(getattr(value, field.name))]
    return [value, *arrays_within(value.base)] if isinstance(value, np.ndarray) else []


def test_scaling_gives_the_original_rows_back():
    dataset = prepared(RawData(ROWS, LABELS, ROWS[:9], LABELS[:9]))
    scaling = dataset.train_validation.scaling
    np.testing.assert_allclose(dataset.test.x * scaling.scale + scaling.mean, ROWS[:9], rtol=1e-4)


def test_bytes_that_are_divided_are_not_centred():
    images = np.random.default_rng(0).integers(0, 256, (len(ROWS), 4, 4)).astype("uint8")
    found = [prepared(RawData(x, LABELS)).train_validation.scaling for x in (ROWS, images)]
    assert [scaling.is_standard for scaling in found] == [True, False]
    assert found[1].scale.tolist() == [255]


def test_development_has_no_path_to_the_test_part():
    dataset = prepared(NUMBERED, **RAW_SCALE)
    sealed = set(dataset.test.x[:, 0])

    def reaches_it(value):
        tables = [array for array in arrays_within(value) if array.ndim == 2]
        return any(sealed & set(table[:, 0]) for table in tables)

    assert not reaches_it(dataset.train_validation)
    assert reaches_it(dataset)


def test_scaling_gives_the_original_targets_back():
    dataset = prepared(RawData(ROWS, NUMBERS, ROWS[:9], NUMBERS[:9]))
    scaling = dataset.train_validation.scaling
    targets = dataset.test.y[:, 0] * scaling.y_scale + scaling.y_mean
    np.testing.assert_allclose(targets, NUMBERS[:9], rtol=1e-5)


def test_same_data_have_the_same_fingerprint():
    first, second = (prepared(RawData(ROWS.copy(), LABELS.copy())) for _ in range(2))
    assert first.fingerprint == second.fingerprint


@pytest.mark.parametrize(
    "raw",
    [
        RawData(with_value(ROWS, 0.0), LABELS),
        RawData(ROWS, LABELS[::-1]),
        RawData(ROWS[:-4], LABELS[:-4]),
        RawData(ROWS.astype("float32"), LABELS),
        RawData(ROWS, LABELS, ROWS, LABELS),
        RawData(ROWS, LABELS.astype(str).astype(object)),
    ],
    ids=["value", "labels", "rows", "type", "test part", "names"],
)
def test_fingerprint_changes_with_the_data(raw):
    assert prepared(raw).fingerprint != prepared(RawData(ROWS, LABELS)).fingerprint


def test_fingerprint_does_not_depend_on_the_split():
    raw = RawData(ROWS, LABELS)
    assert prepared(raw).fingerprint == prepared(raw, search={"seed": 1}).fingerprint


def test_fingerprint_of_texts_takes_no_more_memory_than_they_do():
    texts = np.array([f"text {n}" for n in range(200)], dtype=object)
    settings = DataSettings("mine", as_given=True)
    first = prepare(RawData(texts, LABELS), settings).fingerprint
    texts[7] = "x" * 100_000
    tracemalloc.start()
    second = prepare(RawData(texts, LABELS), settings).fingerprint
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert first != second
    assert peak < 10_000_000  # as an array of equally long texts it would be 80 MB
