"""Models on a few rows of their data: what does not fit is refused, and what is raised is said."""

import keras
import pytest
from _fitted import (
    CLASSES,
    IDS,
    NUMBERS,
    SPARSE,
    WORDS,
    L,
    N,
    classifier,
    fitted,
    net,
    two_outputs,
)

from tuner.errors import UsageError


def tagger(n_tags=5, **how):
    return net((6,), L.Embedding(20, 3), L.Dense(n_tags, "softmax"), dtype="int32", **how)


MISFITS = {
    "another rank": (
        classifier((8, 8, 1)),
        (NUMBERS, CLASSES),
        r"\(8, 8, 1\) float32.*\(4,\) float",
    ),
    "another width": (classifier((5,)), (NUMBERS, CLASSES), r"\(5,\) float32.*\(4,\) float64"),
    "text for numbers": (classifier((1,)), (WORDS, CLASSES), r"\(1,\) float32.*\(\) string"),
    "numbers for text": (
        net(
            (),
            L.TextVectorization(9, output_sequence_length=4),
            L.Embedding(9, 2),
            L.Flatten(),
            L.Dense(3),
            dtype="string",
        ),
        (NUMBERS, CLASSES),
        r"\(\) string.*\(4,\) float64",
    ),
    "an id beyond the vocabulary": (
        net((6,), L.Embedding(10, 2), L.Flatten(), L.Dense(3)),
        (IDS, CLASSES),
        "not in .0, 10",
    ),
    "fewer outputs than classes": (
        net((4,), L.Dense(2)),
        (NUMBERS, CLASSES),
        r"outputs of shape \(None, 2\), the data has 3",
    ),
    "a class beyond the outputs": (
        classifier(compiled=SPARSE),
        (NUMBERS, CLASSES + 5),
        "answers .3,., y is .. int64.*its loss",
    ),
    "targets of another width": (
        net((4,), L.Dense(3), compiled="mse"),
        (NUMBERS, NUMBERS),
        r"\(3,\), y is \(4,\).*not fit",
    ),
    "a tag beyond the outputs of each step": (
        tagger(compiled=SPARSE),
        (IDS, IDS),
        r"its loss",
    ),
    "targets that need a compile": (tagger(), (IDS, IDS[..., None]), r"model.compile\(loss=...\)"),
    "two outputs, one y": (two_outputs(), (NUMBERS, CLASSES), r"\(3,\) and \(1,\).*its loss"),
    "a loss for another output": (
        two_outputs(kind="mse", colour="mse"),
        (NUMBERS, {"kind": NUMBERS, "price": NUMBERS[:, 0]}),
        "my:net",
    ),
    "text is no number": (
        classifier(),
        ({"a": NUMBERS, "b": WORDS}, CLASSES),
        "takes one array of rows.*b: .. string",
    ),
    "standardized text": (
        net((), L.Lambda(lambda x: keras.ops.zeros((keras.ops.shape(x)[0], 3))), dtype="string"),
        (WORDS, CLASSES, None),
        "standardize = true",
    ),
}


@pytest.mark.parametrize("case", MISFITS)
def test_what_does_not_fit_is_refused_in_one_line_that_names_both(case):
    model, loaded, words = MISFITS[case]
    split = {"standardize": True} if case == "standardized text" else {}
    with pytest.raises(UsageError, match=words) as error:
        fitted(model, loaded, **split)
    assert "\n" not in str(error.value)


class Raises(keras.Model):
    def call(self, rows):
        raise RuntimeError("no such rows")


def test_what_a_model_raises_is_said_with_what_it_was_called_on():
    with pytest.raises(UsageError, match=r"'my:net' fails on rows of \(4,\).*no such rows"):
        fitted(Raises(), (NUMBERS, CLASSES))


def lazily(layer):
    return keras.Sequential([L.Dropout(0.2), layer, L.Dense(3, "softmax")])


def of_twelve(layer):
    rows = keras.Input(batch_shape=(12, 3, 2))
    return keras.Model(rows, L.Dense(3, "softmax")(layer(L.Dropout(0.2)(rows))))


@pytest.mark.parametrize("made", [lazily, of_twelve])
@pytest.mark.parametrize(
    "layer",
    [
        lambda: L.LSTM(4, stateful=True, name="memory"),
        lambda: L.RNN(L.GRUCell(4), stateful=True, name="memory"),
        lambda: L.Bidirectional(L.SimpleRNN(4, stateful=True, name="memory")),
    ],
)
def test_a_state_that_goes_from_a_batch_to_the_next_is_refused(made, layer):
    with pytest.raises(UsageError, match=r"'my:net' keeps the state of .*memory.*stateful=True"):
        fitted(made(layer()), (NUMBERS.repeat(2, axis=1)[:, :6].reshape(N, 3, 2), CLASSES))


def test_a_model_that_is_called_on_rows_that_fit_is_not_refused():
    assert fitted(tagger(20, compiled=SPARSE), (IDS, IDS)).data.spec.task
