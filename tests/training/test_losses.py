"""Losses follow from the head of the model and the task."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from _nets import L, model, program, rebuilt, train, train_validation
from scipy.special import logsumexp
from scipy.stats import norm

from tuner.data.spec import RowSpec
from tuner.errors import UsageError
from tuner.training.batches import Arrays
from tuner.training.loop import evaluate
from tuner.training.prediction import predict


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


def in_units(data, part):
    """Targets of a part, and what turns answers to their units."""
    mean, scale = data.scaling.y_mean, data.scaling.y_scale
    return part.y * scale + mean, lambda answers: answers * scale + mean


def test_the_nll_of_targets_is_normal_with_the_variance_of_the_rows_trained_on():
    data = train_validation("regression", n_targets=2)
    engine = program(rebuilt("none", 0.0, of=model(2, None)), data, metric="nll")
    last = train(engine, data, epochs=5)[-1]["val_nll"]
    y, to_units = in_units(data, data.validation)
    y_train, _ = in_units(data, data.train)
    answers, fitted = (
        to_units(engine.model.predict(part.x, verbose=0)) for part in (data.validation, data.train)
    )
    deviation = np.sqrt(np.square(y_train - fitted).mean(axis=0))
    expected = -norm.logpdf(y, answers, deviation).sum(axis=1).mean()
    assert last == pytest.approx(expected, rel=1e-4)
    assert evaluate(engine, Arrays.of(data.validation), "val")["val_nll"] == last
    on_judged = np.sqrt(np.square(y - answers).mean(axis=0))
    assert last != pytest.approx(-norm.logpdf(y, answers, on_judged).sum(axis=1).mean(), rel=1e-3)


def test_the_nll_of_mc_is_that_of_the_mixture_of_its_passes():
    data = train_validation("regression", n_targets=2)
    mc = {"passes": 5, "tau": 7.0, "task": "regression"}
    first = rebuilt("mc", 0.4, of=model(2, None), **mc)
    last = train(program(first, data, metric="nll"), data)[-1]["val_nll"]
    y, to_units = in_units(data, data.validation)
    logs = [
        norm.logpdf(y, to_units(predict(first.plain, data.validation.x, number)), deviation)
        for number in range(5)
        for deviation in [data.scaling.y_scale / np.sqrt(7.0)]
    ]
    expected = np.log(5) - logsumexp(np.sum(logs, axis=-1), axis=0).mean()
    assert last == pytest.approx(expected, rel=1e-4)


def test_a_precision_changes_the_nll_of_mc_without_a_trace_and_nothing_else():
    data, found = train_validation("regression"), {}
    made = {tau: {"passes": 3, "tau": tau, "task": "regression"} for tau in (0.01, 10.0, 1e4)}
    engine = program(rebuilt("mc", 0.2, of=model(1, None), **made[10.0]), data, metric="nll")
    for tau, values in made.items():
        engine.load(rebuilt("mc", 0.2, of=model(1, None), **values))
        found[tau] = train(engine, data, epochs=10)[-1]
    assert engine.n_traces == 2
    assert len({row["val_loss"] for row in found.values()}) == 1
    assert found[10.0]["val_nll"] < min(found[0.01]["val_nll"], found[1e4]["val_nll"])


def of_shares(shares):
    """The same rows with probabilities of two classes as targets."""
    data = train_validation()
    spec = replace(data.spec, targets=RowSpec((2,), "float32"))
    train, validation = (
        replace(part, y=shares(np.eye(2, dtype="float32")[part.y]))
        for part in (data.train, data.validation)
    )
    return data, replace(data, train=train, validation=validation, spec=spec)


@pytest.mark.parametrize("activation", ["softmax", None])
def test_probabilities_of_classes_that_are_sure_have_the_loss_of_the_classes(activation):
    classes, shares = of_shares(lambda sure: sure)
    found = []
    for data in (classes, shares):
        engine = program(rebuilt("none", 0.0, of=model(2, activation)), data)
        found.append(evaluate(engine, Arrays.of(data.train), "train"))
    assert found[0] == pytest.approx(found[1], rel=1e-5)


def test_probabilities_of_classes_have_the_cross_entropy_of_both_and_judge_by_the_likelier():
    _, data = of_shares(lambda sure: 0.4 * sure + 0.3)
    engine = program(rebuilt("none", 0.0, of=model()), data)
    found = evaluate(engine, Arrays.of(data.train), "train")
    answers = engine.model.predict(data.train.x, verbose=0)
    entropy = -(data.train.y * np.log(answers)).sum(axis=1).mean()
    assert found["train_loss"] == pytest.approx(entropy, rel=1e-4)
    right = answers.argmax(axis=1) == data.train.y.argmax(axis=1)
    assert found["train_accuracy"] == pytest.approx(right.mean())
