"""What a model says of its training is found out before anything is trained."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from _compiled import L, N, features, of_parts, trained

from tuner.errors import UsageError
from tuner.training.trying import try_out

X = features()
SIGN = (X[:, 0] > 0).astype("int32")
CLASSES = of_parts(X, SIGN, task="classification")


def model(*, kind=keras.Model, **compiled):
    inputs = keras.Input((6,))
    made = kind(inputs, L.Dense(2, "softmax")(L.Dropout(0.5)(inputs)))
    if compiled:
        made.compile("sgd", **compiled)
    return made


class Reads(keras.Model):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            answers = self(x, training=True)
            loss = tf.reduce_mean(self.loss(y, answers)) + sum(self.losses)
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


class LeavesOut(Reads):
    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.loss(y, self(x, training=True)))
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


class Computes(keras.Model):
    def train_step(self, data):
        return super().train_step(data)


class CallsParts(keras.Model):
    """Its layers one by one, never itself: a loss of a layer is not of this model."""

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            found = x
            for layer in self.layers[1:]:
                found = layer(found)
            loss = self.compute_loss(x=x, y=y, y_pred=found)
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


@pytest.mark.parametrize(
    ("kind", "penalties", "losses"),
    [
        (Reads, True, False),
        (LeavesOut, False, False),
        (Computes, True, True),
        (CallsParts, True, False),
    ],
)
def test_it_is_heard_which_losses_a_train_step_takes(kind, penalties, losses):
    loss = keras.losses.sparse_categorical_crossentropy
    found = try_out(model(kind=kind, loss=loss), CLASSES, "accuracy")
    assert (found.takes_penalties, found.takes_losses) == (penalties, losses)


def test_the_first_metric_of_the_compile_judges_and_its_class_says_which_way_is_better():
    named = keras.metrics.SparseCategoricalCrossentropy(name="score")
    entropy = "sparse_categorical_crossentropy"
    found = try_out(model(loss=entropy, metrics=[named, "accuracy"]), CLASSES, None)
    assert (found.metric, found.direction) == ("score", "minimize")
    assert found.reports == ("score", "accuracy")


def test_without_metrics_it_is_the_one_of_the_task():
    assert try_out(model(), CLASSES, None).metric == "accuracy"
    own = of_parts(X, X[:, :2])
    assert try_out(model(loss="mse"), own, None).metric == "loss"


@pytest.mark.parametrize(
    ("compiled", "metric", "said"),
    [
        ({"loss": "mse"}, None, "its loss does not fit the targets"),
        ({"loss": "nothing"}, None, "its loss does not fit"),
        ({"loss": "sparse_categorical_crossentropy"}, "acuracy", "did you mean 'accuracy'"),
    ],
)
def test_a_misfit_is_said_in_a_line(compiled, metric, said):
    data = of_parts(X, X[:, :5]) if compiled["loss"] == "mse" else CLASSES
    with pytest.raises(UsageError, match=said):
        try_out(model(**compiled), data, metric)


def test_a_compiled_classifier_is_judged_by_its_density_and_opens_with_it(tmp_path):
    loss = "sparse_categorical_crossentropy"
    trainer, found = trained(lambda: model(loss=loss), CLASSES, "nll", epochs=1)
    shares = trainer.model.predict(X[N:], verbose=0).astype("float64")
    assert found.value == pytest.approx(-np.log(shares[np.arange(40), SIGN[N:]]).mean(), rel=1e-4)
    trainer.saver()(tmp_path / "best.keras")
    opened = keras.saving.load_model(tmp_path / "best.keras")
    again = opened.evaluate(X[N:], SIGN[N:], verbose=0, return_dict=True)
    assert again["sparse_categorical_crossentropy"] == pytest.approx(found.value, rel=1e-4)


@pytest.mark.parametrize("metric", ["f1", "auc", "precision"])
def test_a_model_can_be_evaluated_whose_metric_takes_targets_in_another_form(metric, tmp_path):
    loss = "sparse_categorical_crossentropy"
    trainer, _ = trained(lambda: model(loss=loss), CLASSES, metric, epochs=1)
    trainer.saver()(tmp_path / "best.keras")
    opened = keras.saving.load_model(tmp_path / "best.keras")
    assert "loss" in opened.evaluate(X[N:], SIGN[N:], verbose=0, return_dict=True)


@pytest.mark.parametrize(("task", "metric"), [("classification", "rmse"), ("own", "nll")])
def test_a_metric_of_other_targets_is_refused_but_for_those_of_the_compile(task, metric):
    data, loss = of_parts(X, SIGN, task=task), "sparse_categorical_crossentropy"
    with pytest.raises(UsageError, match=f"metric '{metric}' is for .*, the targets make it a "):
        try_out(model(loss=loss), data, metric)
    named = keras.metrics.SparseCategoricalAccuracy(name=metric)
    assert try_out(model(loss=loss, metrics=[named]), data, metric).metric == metric


def test_a_density_of_what_has_no_graph_is_refused_in_words():
    class Plain(keras.Model):
        def __init__(self):
            super().__init__()
            self.last = L.Dense(2, "softmax")

        def call(self, x):
            return self.last(x)

    made = Plain()
    made.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(UsageError, match=r"metric 'nll' needs a Sequential .* loss of its"):
        try_out(made, CLASSES, "nll")
