"""Classes weigh what they are told, and all the same where they are balanced."""

import keras
import numpy as np
import pytest
from _compiled import L, N, features, fitted, of_parts, trained

from tuner.errors import UsageError
from tuner.training.weighting import counts_of, weights_of

X = features()
RARE = (np.arange(len(X)) % 8 == 0).astype("int32")
DATA = of_parts(X, RARE, task="classification")


def build():
    layers = [L.Dense(8, activation="relu"), L.Dropout(0.0), L.Dense(2)]
    model = keras.Sequential([keras.Input((6,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1), loss)
    return model


def test_balanced_classes_count_the_same_together():
    counts, weights = counts_of(DATA), weights_of("balanced", DATA)
    assert counts.tolist() == [N - N // 8, N // 8]
    assert (counts * weights).tolist() == pytest.approx([N / 2, N / 2])


@pytest.mark.parametrize("given", ["balanced", {"1": 5.0}])
def test_weights_of_classes_are_those_of_fit(given):
    weights = dict(enumerate(weights_of(given, DATA)))
    trainer, ours = trained(build, DATA, "accuracy", class_weight=given)
    model, theirs = fitted(build, DATA, class_weight=weights)
    assert ours.history[-1]["train_loss"] == pytest.approx(theirs[-1]["loss"], rel=1e-4)
    assert trainer.model.get_weights()[0] == pytest.approx(model.get_weights()[0], abs=1e-4)


def test_without_a_compile_they_weigh_too():
    def plain():
        return keras.Sequential([keras.Input((6,)), *build().layers])

    rows = [trained(plain, DATA, "accuracy", class_weight=w)[1] for w in (None, {"1": 50.0})]
    assert rows[0].history[0]["train_loss"] < rows[1].history[0]["train_loss"] / 3
    assert rows[0].history[0]["val_loss"] < rows[1].history[0]["val_loss"] * 3


@pytest.mark.parametrize(
    ("data", "given", "said"),
    [
        (DATA, {"7": 1.0}, "unknown class '7'"),
        (of_parts(X, X), "balanced", None),
        (of_parts(X, {"a": RARE, "b": RARE}), "balanced", "not one class for each row"),
    ],
)
def test_what_is_no_class_is_refused(data, given, said):
    if said is None:
        assert len(weights_of(given, data)) == 6
        return
    with pytest.raises(UsageError, match=said):
        weights_of(given, data)
