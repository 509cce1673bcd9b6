"""Elements of data sets: batched or not, of several arrays, of Keras, read into memory or not."""

import keras
import pytest
from _streams import definition

from tuner.data.loading import open_dataset
from tuner.data.settings import SplitSettings
from tuner.data.spec import RowSpec
from tuner.errors import UsageError
from tuner.models.fitting import fit
from tuner.training.batches import Stream

LOADER = """
import keras
import numpy as np
import tensorflow as tf

N = 40
X = {"ids": np.arange(N * 3).reshape(N, 3) % 7, "words": np.array(["a", "b"] * (N // 2))}
Y = np.arange(N) % 2
WEIGHT = np.linspace(0.5, 1.0, N)
SETS = {"train": slice(0, 20), "validation": slice(20, 30), "test": slice(30, 40)}


def part(rows, weighted=True):
    x = {name: values[rows] for name, values in X.items()}
    given = (x, Y[rows], WEIGHT[rows]) if weighted else (x, Y[rows])
    return tf.data.Dataset.from_tensor_slices(given)


def plain():
    return {name: part(rows) for name, rows in SETS.items()}


def batched():
    return {name: each.batch(6) for name, each in plain().items()}


def evenly():
    return {name: each.batch(5, drop_remainder=True).map(lambda *row: row).prefetch(1)
            for name, each in plain().items()}


class Batches(keras.utils.PyDataset):
    def __init__(self, rows):
        super().__init__()
        self.rows = np.arange(N)[rows]

    def __len__(self):
        return -(-len(self.rows) // 6)

    def __getitem__(self, number):
        rows = self.rows[6 * number : 6 * number + 6]
        return {name: values[rows] for name, values in X.items()}, Y[rows], WEIGHT[rows]


def of_keras():
    return {name: Batches(rows) for name, rows in SETS.items()}


def alone():
    return part(slice(None)).batch(7)


def two():
    return part(slice(0, 30)), part(slice(30, 40))


def named():
    return dict(zip(("train", "test"), two()))


def lengths():
    rows = tf.ragged.constant([[n] * (n % 4 + 1) for n in range(N)])
    whole = tf.data.Dataset.from_tensor_slices((rows, Y))
    return {name: whole.skip(r.start).take(r.stop - r.start) for name, r in SETS.items()}


def other_types():
    return plain() | {"test": part(SETS["test"]).map(lambda x, y, w: (x["ids"], y, w))}


def of(y):
    sets = {name: (X["ids"][rows], y[rows]) for name, rows in SETS.items()}
    return {name: tf.data.Dataset.from_tensor_slices(pair) for name, pair in sets.items()}


def of_labels():
    y = np.eye(3, dtype="int64")[np.arange(N) % 3]
    y[0] = [1, 1, 0]
    return of(y)


def one_hot():
    y = np.eye(3)[np.arange(N) % 3]
    return of(y)


def endless():
    return {name: each.repeat().batch(4).prefetch(1) for name, each in plain().items()}


def endless_alone():
    return alone().repeat()


def masks():
    y = np.ones((N, 4, 4, 1), "uint8")
    return of(y)
"""
X = {"ids": RowSpec((3,), "int64"), "words": RowSpec((), "string")}


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "element_data.py").write_text(LOADER)


def opened(function, **table):
    given = definition("", data=f"element_data:{function}", model="my:net", **table)
    return open_dataset(given.data_settings)


def rows_of(stream, size=4):
    return [
        (ids, word, y, round(weight, 4))
        for x, y_batch, w_batch in stream.batches(size)
        for ids, word, y, weight in zip(
            x["ids"].numpy().tolist(),
            x["words"].numpy().tolist(),
            y_batch.numpy().tolist(),
            w_batch.numpy().tolist(),
            strict=True,
        )
    ]


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("function", ["batched", "evenly", "of_keras"])
def test_batches_are_taken_apart_and_rows_keep_targets_and_weights(function):
    plain, found = (opened(each).train_validation for each in ("plain", function))
    assert found.spec.inputs == X
    assert (found.spec.task, found.spec.n_outputs, found.n_train) == ("classification", 2, 20)
    rows = rows_of(Stream.of(found.train))
    assert rows == rows_of(Stream.of(plain.train))
    assert len({weight for *_, weight in rows}) == 20


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("function", ["alone", "two", "named"])
def test_what_is_to_be_split_here_is_read_into_memory_and_that_is_said(function):
    dataset = opened(function)
    found = dataset.train_validation
    assert found.n_train + found.n_validation + dataset.test.n == 40
    assert found.spec.inputs == X
    assert found.train.weight.shape == (found.n_train,)
    assert any("read into memory" in note for note in found.notes)
    assert not any("read into memory" in n for n in opened("plain").train_validation.notes)


@pytest.mark.usefixtures("place")
def test_rows_of_different_lengths_are_filled_up_batch_by_batch():
    found = opened("lengths").train_validation
    assert found.spec.inputs == RowSpec((None,), "int32")
    x, *_ = next(Stream.of(found.train).batches(4))
    assert x.numpy().tolist() == [[0, 0, 0, 0], [1, 1, 0, 0], [2, 2, 2, 0], [3, 3, 3, 3]]


def of_words(compiled):
    words, ids = keras.Input((), dtype="string", name="words"), keras.Input((3,), name="ids")
    code = keras.layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(words)
    joined = keras.layers.Concatenate()([ids, code])
    model = keras.Model([words, ids], keras.layers.Dense(2)(joined))
    if compiled:
        model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("compiled", [True, False])
def test_a_model_gets_the_arrays_that_it_names_of_a_stream_too(compiled):
    data = opened("batched").train_validation
    found = fit(of_words(compiled), data, SplitSettings(), "mine", "my:net")
    assert found.data.spec.inputs == (X["words"], X["ids"])
    assert found.data.spec.targets.dtype == ("int64" if compiled else "int32")
    assert "a stream" in found.notes[-1]
    (words, ids), y, weight = next(Stream.of(found.data.train).batches(4))
    assert words.numpy().tolist() == [b"a", b"b", b"a", b"b"]
    assert ids.shape == (4, 3)
    assert (y.dtype.name, weight.dtype.name) == (found.data.spec.targets.dtype, "float32")


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("function", "task", "n_outputs"),
    [("one_hot", "classification", 3), ("of_labels", "multilabel", 3), ("masks", "own", 2)],
)
def test_the_task_of_a_stream_follows_from_its_targets(function, task, n_outputs):
    spec = opened(function).train_validation.spec
    assert (spec.task, spec.n_outputs) == (task, n_outputs)


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(
    ("function", "task", "words"),
    [
        ("other_types", None, r"train has rows \{ids.*test \(3,\) int64"),
        ("endless", None, "endless, train: the data set has no end: leave its repeat"),
        ("endless_alone", None, "endless_alone: the data set has no end"),
        ("of_labels", "classification", r"expected one class a row, got y of shape \(3,\)"),
    ],
)
def test_parts_that_do_not_fit_are_refused(function, task, words):
    with pytest.raises(UsageError, match=words):
        opened(function, **({} if task is None else {"task": task}))
