"""Losses follow from the head of the model and the task."""

import keras
import numpy as np
import pytest
from _nets import L, model, program, rebuilt, train, train_validation

from tuner.errors import UsageError
from tuner.training.batches import Arrays
from tuner.training.loop import evaluate


@pytest.mark.parametrize(
    ("outputs", "activation"), [(2, "softmax"), (2, None), (1, "sigmoid"), (1, None)]
)
def test_every_usual_head_of_a_classifier_learns(outputs, activation):
    data = train_validation()
    first = rebuilt("none", 0.0, of=model(outputs, activation))
    assert train(program(first), data, epochs=15)[-1]["val_accuracy"] > 0.9


def test_a_softmax_that_is_a_layer_of_its_own_is_seen():
    data = train_validation()
    layers = [keras.Input((6,)), L.Dense(32, "relu"), L.Dropout(0.5), L.Dense(2), L.Softmax()]
    first = rebuilt("none", 0.0, of=keras.Sequential(layers))
    loss = evaluate(program(first), Arrays.of(data.train), "train")["train_loss"]
    probability = first.model.predict(data.train.x, verbose=0)[
        np.arange(len(data.train.y)), data.train.y
    ]
    assert loss == pytest.approx(-np.log(probability).mean(), abs=1e-4)


def test_regression_metrics_are_in_the_units_of_the_target():
    data = train_validation("regression")
    engine = program(rebuilt("none", 0.0, of=model(1, None)), data, metric="rmse")
    start = evaluate(engine, Arrays.of(data.validation), "val")["val_rmse"]
    end = train(engine, data, epochs=60)[-1]["val_rmse"]
    assert end < 2 < start


def test_a_model_with_other_outputs_than_the_data_says_so():
    with pytest.raises(UsageError, match=r"outputs of shape \(None, 7\), the data has 2 classes"):
        program(rebuilt(of=model(7)))
