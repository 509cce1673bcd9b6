"""Metrics by name are what they are elsewhere, whatever a model answers with."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from _compiled import L, features
from sklearn import metrics as sk

from tuner.errors import UsageError
from tuner.training.measures import make_measure

X = features(60)
GENERATOR = np.random.default_rng(2)
BINARY, THREE = GENERATOR.integers(0, 2, 60), GENERATOR.integers(0, 3, 60)
LABELS = GENERATOR.integers(0, 2, (60, 3)).astype("float32")
NUMBERS = GENERATOR.normal(size=(60, 2)).astype("float32") + 3


def model(k, activation=None, loss=None, **given):
    keras.utils.set_random_seed(3)
    found = keras.Sequential([keras.Input((6,)), L.Dense(k, activation=activation, **given)])
    if loss is not None:
        found.compile("sgd", loss)
    return found


def measured(of, name, y, times=2):
    """The metric over all rows, counted in two batches."""
    y = tf.convert_to_tensor(y)
    measure = make_measure(of, name, ((X[:5], y[:5]), of(X[:5])), lambda given: given)
    measure.reset()
    for rows in np.split(np.arange(60), times):
        measure.update((X[rows], tf.gather(y, rows)), of(X[rows]))
    return float(measure.result())


def softmax(of):
    return tf.nn.softmax(of(X)).numpy()


def sigmoid(of):
    return tf.sigmoid(of(X)).numpy()


LOGITS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
CASES = {
    "two logits": (model(2), "auc", BINARY, lambda m: sk.roc_auc_score(BINARY, softmax(m)[:, 1])),
    "one logit": (model(1), "auc", BINARY, lambda m: sk.roc_auc_score(BINARY, sigmoid(m))),
    "f1 of two": (
        model(1, "sigmoid"),
        "f1",
        BINARY,
        lambda m: sk.f1_score(BINARY, m(X).numpy()[:, 0] > 0.5),
    ),
    "f1 of three": (
        model(3, loss=LOGITS),
        "f1",
        THREE,
        lambda m: sk.f1_score(THREE, softmax(m).argmax(1), average="macro"),
    ),
    "precision": (
        model(2, "softmax"),
        "precision",
        BINARY,
        lambda m: sk.precision_score(BINARY, m(X).numpy().argmax(1)),
    ),
    "top": (
        model(3, "softmax"),
        "top_2",
        THREE,
        lambda m: sk.top_k_accuracy_score(THREE, m(X).numpy(), k=2),
    ),
    "iou": (
        model(3, loss=LOGITS),
        "iou",
        THREE,
        lambda m: sk.jaccard_score(THREE, softmax(m).argmax(1), average="macro"),
    ),
    "labels": (
        model(3, loss=keras.losses.BinaryCrossentropy(from_logits=True)),
        "accuracy",
        LABELS,
        lambda m: ((m(X).numpy() > 0) == LABELS).mean(),
    ),
    "one-hot": (
        model(3, "softmax", loss="categorical_crossentropy"),
        "accuracy",
        np.eye(3, dtype="float32")[THREE],
        lambda m: (m(X).numpy().argmax(1) == THREE).mean(),
    ),
    "r2": (model(2), "r2", NUMBERS, lambda m: sk.r2_score(NUMBERS, m(X).numpy())),
    "mape": (
        model(2),
        "mean_absolute_percentage_error",
        NUMBERS,
        lambda m: 100 * sk.mean_absolute_percentage_error(NUMBERS, m(X).numpy()),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_metric_is_what_it_is_elsewhere(name):
    of, metric, y, expected = CASES[name]
    assert measured(of, metric, y) == pytest.approx(expected(of), abs=0.01)


def test_each_row_of_a_map_counts_and_what_a_mask_leaves_out_does_not():
    words = np.array([[1, 2, 0, 0], [3, 1, 2, 0]])
    tags = np.array([[0, 1, 1, 1], [1, 0, 1, 1]])
    inputs = keras.Input((None,), dtype="int32")
    tagger = keras.Model(inputs, L.Dense(2, "softmax")(L.Embedding(9, 3, mask_zero=True)(inputs)))
    answers = tagger(words)
    measure = make_measure(tagger, "accuracy", ((words, tags), answers), lambda given: given)
    measure.update((words, tf.constant(tags)), answers)
    right = (answers.numpy().argmax(-1) == tags)[words > 0]
    assert len(right) == 5
    assert float(measure.result()) == pytest.approx(right.mean())


def test_that_of_one_of_several_outputs_has_its_name_before_it():
    inputs = keras.Input((6,))
    both = keras.Model(inputs, {"a": L.Dense(1)(inputs), "b": L.Dense(2)(inputs)})
    rows = (X, {"a": tf.constant(NUMBERS[:, :1]), "b": tf.constant(NUMBERS)})
    measure = make_measure(both, "b.mae", (rows, both(X)), lambda given: given)
    measure.update(rows, both(X))
    assert float(measure.result()) == pytest.approx(
        np.abs(both(X)["b"].numpy() - NUMBERS).mean(), rel=1e-5
    )
    with pytest.raises(UsageError, match=r"of which output\? a.mae, b.mae"):
        make_measure(both, "mae", (rows, both(X)), lambda given: given)
    with pytest.raises(UsageError, match="unknown output 'c'"):
        make_measure(both, "c.mae", (rows, both(X)), lambda given: given)


OWN = """
import keras, tensorflow as tf
def off(y, answers): return tf.reduce_max(tf.abs(y - answers), axis=-1)
class Off(keras.metrics.MeanMetricWrapper):
    def __init__(self): super().__init__(off, name="off")
def made(): return keras.metrics.MeanMetricWrapper(off)
three = 3
def no_metric(): return 4
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    (tmp_path / "own_metrics.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["off", "Off", "made"])
def test_a_module_may_give_a_function_a_class_or_a_metric(own, name):
    of = model(2)
    expected = np.abs(of(X).numpy() - NUMBERS).max(axis=1).mean()
    assert measured(of, f"own_metrics:{name}", NUMBERS) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("weighs", [True, False])
def test_a_metric_of_a_module_counts_rows_by_their_weights(own, weighs):
    of, weights = model(2), np.linspace(0, 2, 60)
    rows = (X, tf.convert_to_tensor(NUMBERS), tf.convert_to_tensor(weights, tf.float32))
    measure = make_measure(of, "own_metrics:off", (rows, of(X)), lambda y: y, weighs=weighs)
    measure.update(rows, of(X))
    each = np.abs(of(X).numpy() - NUMBERS).max(axis=1)
    expected = np.average(each, weights=weights if weighs else None)
    assert float(measure.result()) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("acuracy", "unknown metric 'acuracy'; did you mean 'accuracy'"),
        ("top_5", "of 3 classes that is always 1"),
        ("precision_at_recall", "has to be told more"),
        ("own_metrics:three", "expected a function or a Metric, got 3"),
        ("own_metrics:no_metric", "gave no Keras Metric, but 4"),
    ],
)
def test_what_is_no_metric_is_refused(own, name, said):
    with pytest.raises(UsageError, match=said):
        measured(model(3), name, THREE)
