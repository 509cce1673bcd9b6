"""The built-in model of texts: the words of the rows that it trains on, and numbers beside them."""

import keras
import numpy as np
import pytest
from _fitted import fitted

from tuner.data.spec import RowSpec, Spec
from tuner.dropout import rebuild
from tuner.errors import UsageError
from tuner.models.text import build

TEXT, NUMBER = RowSpec((), "string"), RowSpec((), "float64")
WORDS = np.array(["a good film", "a bad film", "so good", "so bad"] * 8, object)
CLASSES = np.tile([1, 0], 16)


def made(x, n_outputs=2, task="classification"):
    inputs = {n: RowSpec((), "string" if c.dtype == object else "float64") for n, c in x.items()}
    return build({"width": 8}, Spec(dict.fromkeys(x, ()), n_outputs, task, inputs, x=x))


def words_of(model):
    layers = (each for each in model.layers if isinstance(each, keras.layers.TextVectorization))
    return [set(layer.get_vocabulary()) - {"", "[UNK]"} for layer in layers]


def test_words_are_those_of_the_rows_to_train_on():
    found = fitted(made({"text": WORDS}), ({"text": WORDS}, CLASSES))
    assert words_of(made({"text": np.array(["a good film"], object)})) == [{"a", "good", "film"}]
    assert found.data.train.x.shape == (found.data.n_train,)
    assert any("they are text" in note for note in found.notes)


@pytest.mark.parametrize("kind", ["U", "S", object, "bytes"])
def test_words_are_words_whatever_holds_them(kind):
    texts = np.array(["a good film", "a bad film"])
    texts = np.array([t.encode() for t in texts], object) if kind == "bytes" else texts.astype(kind)
    spec = Spec((), 2, "classification", TEXT, x=texts)
    assert words_of(build({"width": 8}, spec)) == [{"a", "good", "bad", "film"}]


def test_it_learns_the_word_that_tells():
    keras.utils.set_random_seed(0)
    model = made({"text": WORDS})
    rows = keras.ops.convert_to_tensor(WORDS.tolist(), "string")
    optimizer = keras.optimizers.Adam(0.1)
    loss = keras.losses.SparseCategoricalCrossentropy()
    import tensorflow as tf

    for _ in range(10):
        with tf.GradientTape() as tape:
            value = loss(CLASSES, model(rows, training=True))
        optimizer.apply(tape.gradient(value, model.trainable_weights), model.trainable_weights)
    right = np.argmax(model(rows), axis=1) == CLASSES
    assert right.mean() > 0.9
    assert (np.argmax(model(rows[::-1]), axis=1) == CLASSES).mean() < 0.1


def test_two_texts_and_a_number_are_a_part_each():
    x = {"title": WORDS, "body": WORDS[::-1], "n": np.arange(32) * 1000.0}
    model = made(x)
    found = fitted(model, (x, CLASSES))
    assert len(words_of(model)) == 2
    assert set(found.data.train.x) == set(x)
    normalization = next(e for e in model.layers if isinstance(e, keras.layers.Normalization))
    assert float(normalization.mean[0, 0]) == pytest.approx(15500)


def test_its_sites_are_the_embedding_and_two_of_units():
    kinds = [site.kind for site in rebuild.find_sites(made({"text": WORDS}), TEXT)]
    assert kinds == ["embedding", "units", "units"]


def test_rows_without_text_are_refused():
    with pytest.raises(UsageError, match="'text' reads texts"):
        build({"width": 8}, Spec((4,), 2, "classification", RowSpec((4,), "float32"), x=np.eye(4)))
