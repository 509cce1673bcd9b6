"""Rows in files: the same as in memory, wherever they are cut, joined, standardized and hashed."""

import pickle

import numpy as np
import pytest

from tuner.data import stored as room
from tuner.data._raw import RawData
from tuner.data.fingerprint import fingerprint
from tuner.data.loading import open_dataset
from tuner.data.preparing import prepare, prepare_final
from tuner.data.scaling import moments, standardized
from tuner.data.settings import DataSettings, SplitSettings
from tuner.data.stored import StoredRows, stored, where_large
from tuner.data.structure import leaves
from tuner.errors import UsageError

GENERATOR = np.random.default_rng(0)
Y = np.arange(40) % 4


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(room, "MOST_BYTES", 0)


@pytest.fixture
def mapped(tmp_path):
    """What maps an array from a file of its own."""

    def of(array, n=0):
        np.save(tmp_path / f"{n}.npy", array)
        return np.load(tmp_path / f"{n}.npy", mmap_mode="r")

    return of


def numbers(dtype="float32", shape=(40, 3)):
    return (100 * GENERATOR.standard_normal(shape)).astype(dtype)


VIEWS = {
    "all": lambda x: x,
    "the end": lambda x: x[7:],
    "twice cut": lambda x: x[3:][:5],
    "a plain view": np.asarray,
    "with another axis": lambda x: x[..., None],
}


@pytest.mark.parametrize("view", VIEWS)
def test_whole_rows_of_a_memory_map_are_found_in_its_file(mapped, view):
    x = VIEWS[view](mapped(numbers()))
    found = stored(x)
    assert isinstance(found, StoredRows)
    assert (found.shape, found.dtype) == (x.shape, x.dtype)
    np.testing.assert_array_equal(found.read(), x)


@pytest.mark.parametrize(
    "array", [numbers(), numbers()[:, :2]], ids=["in memory", "columns in memory"]
)
def test_others_are_not(array, mapped):
    assert stored(array) is None
    assert stored(mapped(numbers())[:, :2]) is None
    assert stored(mapped(numbers())[::2]) is None
    assert stored(np.asfortranarray(mapped(numbers()))) is None


def test_rows_are_cut_and_joined_without_reading(mapped):
    one, two = numbers(), numbers(shape=(9, 3))
    both = stored(mapped(one)).joined(stored(mapped(two, 1)[2:]))
    rows = GENERATOR.permutation(len(both))
    expected = np.concatenate([one, two[2:]])[rows][3:30][::4]
    np.testing.assert_array_equal(both[rows][3:30][::4].read(), expected)
    np.testing.assert_array_equal(
        np.concatenate(list(both.chunks())), np.concatenate([one, two[2:]])
    )


@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64", "int64"])
@pytest.mark.parametrize("shape", [(40, 3), (40, 5, 4, 3), (40,)])
def test_standardized_rows_are_those_of_an_array_to_the_last_bit(mapped, dtype, shape):
    x = numbers(dtype, shape) + (1_700_000_000 if dtype in ("float64", "int64") else 0)
    x = x[:, None] if x.ndim == 1 else x
    mean, scale = moments(x)
    lazy = standardized(stored(mapped(x)), mean, scale)
    assert isinstance(lazy, StoredRows)
    np.testing.assert_array_equal(lazy.read(), standardized(x, mean, scale))
    np.testing.assert_array_equal(moments(stored(mapped(x))), (mean, scale))


def test_a_process_gets_the_place_and_not_the_rows(mapped):
    x = mapped(numbers(shape=(40, 1000)))
    found = stored(x)
    assert len(pickle.dumps(found)) < 2000 < len(pickle.dumps(x))
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(found)).read(), x)


KINDS = {
    "numbers": (numbers(), {}),
    "bytes of images": (numbers("uint8", (40, 4, 5, 3)), {}),
    "grey images": (numbers("uint8", (40, 4, 5)), {}),
    "one part for each": (numbers("float64"), {"x_validation": 6, "x_test": 5}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [prepare, prepare_final])
@pytest.mark.parametrize("as_given", [False, True])
def test_data_in_a_file_are_prepared_as_in_memory(mapped, kind, make, as_given):
    x, parts = KINDS[kind]
    others = {name: x[:n] for name, n in parts.items()}
    others |= {name.replace("x", "y"): Y[:n] for name, n in parts.items()}
    raw = RawData(x, Y, **others)
    in_file = {n: mapped(a, n) if n[0] == "x" else a for n, a in others.items()}
    large = where_large(RawData(mapped(x), Y, **in_file))
    settings = DataSettings("data", as_given=as_given)
    expected, found = make(raw, settings), make(large, settings)
    assert found.fingerprint == expected.fingerprint
    for one, two in [
        (expected.test, found.test),
        (expected.train_validation.train, found.train_validation.train),
        (expected.train_validation.validation, found.train_validation.validation),
    ]:
        assert isinstance(two.x, StoredRows)
        assert two.x.dtype == one.x.dtype
        np.testing.assert_array_equal(two.x.read(), one.x)
        np.testing.assert_array_equal(two.y, one.y)
    assert found.train_validation.spec.inputs == expected.train_validation.spec.inputs
    assert found.train_validation.kinds == expected.train_validation.kinds
    assert any("read from their file" in note for note in found.train_validation.notes)


def test_little_stays_in_memory(mapped, monkeypatch):
    monkeypatch.setattr(room, "MOST_BYTES", 4 * 120)
    raw = RawData(mapped(numbers()), Y)
    assert where_large(raw) is raw


def test_missing_values_in_a_file_are_refused(mapped):
    x = numbers()
    x[17, 1] = np.nan
    with pytest.raises(UsageError, match="1 values of x are missing"):
        prepare(where_large(RawData(mapped(x), Y)), DataSettings("data"))


def test_several_arrays_may_be_in_memory_and_in_files(mapped):
    raw = where_large(RawData({"a": mapped(numbers()), "b": numbers()}, Y))
    found = prepare(raw, DataSettings("data", as_given=True))
    kinds = [type(array) for array in leaves(found.train_validation.train.x)]
    assert kinds == [StoredRows, np.ndarray]
    assert fingerprint(raw) == found.fingerprint


def test_folds_and_ordered_rows_are_cut_from_the_file(mapped):
    x = np.arange(40.0)[:, None]
    settings = DataSettings("d", split=SplitSettings(split="ordered"), folds=3, as_given=True)
    data = prepare(where_large(RawData(mapped(x), Y)), settings)
    for fold in data.train_validation.folds:
        assert fold.train.x.read().max() < fold.validation.x.read().min()


@pytest.mark.parametrize("names", [("x", "y"), ("x_train", "y_train", "x_test", "y_test")])
def test_a_folder_of_npy_files_is_as_an_npz_of_their_names(tmp_path, names):
    (tmp_path / "mine").mkdir()
    for name in names:
        np.save(tmp_path / "mine" / f"{name}.npy", numbers() if name[0] == "x" else Y)
    found = open_dataset(DataSettings(str(tmp_path / "mine")))
    assert isinstance(found.train_validation.train.x, StoredRows)
    assert found.test.n == (40 if len(names) > 2 else 8)
    np.save(tmp_path / "mine" / "z.npy", Y)
    with pytest.raises(UsageError, match="z is unknown"):
        open_dataset(DataSettings(str(tmp_path / "mine")))


def test_an_npy_that_is_none_or_has_objects_is_refused_by_name(tmp_path):
    (tmp_path / "x.npy").write_bytes(b"numbers")
    with pytest.raises(UsageError, match=r"x.npy: cannot be read"):
        open_dataset(DataSettings(str(tmp_path)))
    np.save(tmp_path / "x.npy", np.array([{}, None]), allow_pickle=True)
    with pytest.raises(UsageError, match=r"x.npy: cannot be read"):
        open_dataset(DataSettings(str(tmp_path)))


def test_what_is_lost_and_what_is_constant_is_said_of_rows_in_a_file_as_of_others(mapped):
    x = numbers("float64")
    x[:, 1], x[:, 2] = 1.7e9 + 10 * np.arange(40), 7
    plain = DataSettings(source="mine", split=SplitSettings(standardize=False))

    def notes(rows):
        data = prepare(where_large(RawData(rows, Y)), plain).train_validation
        return [note for note in data.notes if "read from their file" not in note]

    assert notes(mapped(x)) == notes(x)
    lost, same = notes(x)[1:]
    assert "tells fewer apart: x[..., 1] (" in lost
    assert same.endswith("learned from it: x[..., 2]")
    x[39, 2] = 8
    assert notes(mapped(x)) == notes(x)


def test_what_float32_does_not_hold_is_refused_in_a_file_too(mapped):
    x = numbers("float64")
    x[30, 1] = -1e39
    plain = DataSettings(source="mine", split=SplitSettings(standardize=False))
    with pytest.raises(UsageError, match=r"1 values of x are too large for float32 \(1e\+39\)"):
        prepare(where_large(RawData(mapped(x), Y)), plain)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f8', "])
def test_a_damaged_array_is_refused_by_its_name(tmp_path, content):
    (tmp_path / "x.npy").write_bytes(content)
    with pytest.raises(UsageError, match=r"x\.npy: cannot be read"):
        room.mapped(tmp_path / "x.npy")
