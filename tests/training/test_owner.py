"""A compiled model trained by the loop is what model.fit makes of it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from _compiled import N_JUDGED, L, N, as_fit, features, fitted, of_parts, trained

from tuner.errors import UsageError
from tuner.training.keras_training import decays
from tuner.training.own_steps import Steps
from tuner.training.owner import take_compile

pytestmark = pytest.mark.filterwarnings("ignore:.build:UserWarning")  # of models as written
X = features()
SIGN = (X[:, 0] > 0).astype("int32")
SUM = X.sum(axis=1, keepdims=True)


def hidden():
    inputs = keras.Input((6,))
    return inputs, L.Dropout(0.0)(L.Dense(8, activation="relu")(inputs))


def two_outputs():
    """Two outputs of two weights, a schedule, clipping, metrics of each output."""
    inputs, middle = hidden()
    outputs = {"side": L.Dense(2, name="side")(middle), "sum": L.Dense(1, name="sum")(middle)}
    model = keras.Model(inputs, outputs)
    schedule = keras.optimizers.schedules.CosineDecay(0.1, 9)
    loss = {"side": keras.losses.SparseCategoricalCrossentropy(from_logits=True), "sum": "mse"}
    model.compile(
        keras.optimizers.SGD(schedule, momentum=0.9, clipnorm=0.5),
        loss=loss,
        loss_weights={"side": 2.0, "sum": 0.1},
        metrics={"side": ["accuracy"], "sum": [keras.metrics.R2Score()]},
    )
    return model


class OwnStep(keras.Model):
    """It is trained to the sum of two losses, and reports them under names of its own."""

    def __init__(self):
        super().__init__()
        self.middle, self.drop, self.last = L.Dense(8, "relu"), L.Dropout(0.0), L.Dense(1)
        self.total = keras.metrics.Mean(name="loss")
        self.off = keras.metrics.MeanAbsoluteError(name="off")

    def call(self, x, training=False):
        return self.last(self.drop(self.middle(x), training=training))

    @property
    def metrics(self):
        return [self.total, self.off]

    def _both(self, data, training):
        x, y = data
        answers = self(x, training=training)
        loss = tf.reduce_mean((y - answers) ** 2) + tf.reduce_mean(tf.abs(y - answers))
        self.total.update_state(loss)
        self.off.update_state(y, answers)
        return loss

    def train_step(self, data):
        with tf.GradientTape() as tape:
            loss = self._both(data, training=True)
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {each.name: each.result() for each in self.metrics}

    def test_step(self, data):
        self._both(data, training=False)
        return {each.name: each.result() for each in self.metrics}


def own_step():
    model = OwnStep()
    model(X[:2])
    model.compile(keras.optimizers.Adam(0.01))
    return model


class MoreInTraining(keras.Model):
    """It has layers that nothing but its training calls."""

    def __init__(self):
        super().__init__()
        self.middle, self.drop, self.last = L.Dense(8, "relu"), L.Dropout(0.0), L.Dense(1)
        self.again = keras.Sequential([L.Dense(4), L.Dense(6)])

    def call(self, x, training=False):
        return self.last(self.drop(self.middle(x), training=training))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight)
        return loss + tf.reduce_mean((self.again(x) - x) ** 2) if training else loss


def more_in_training():
    model = MoreInTraining()
    model(X[:2])
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"])
    return model


def weighted():
    inputs, middle = hidden()
    model = keras.Model(inputs, L.Dense(1, "sigmoid")(middle))
    adam = keras.optimizers.AdamW(0.01, weight_decay=0.1, gradient_accumulation_steps=2)
    model.compile(adam, "binary_crossentropy", weighted_metrics=[keras.metrics.AUC(name="auc")])
    return model


class OwnLoss(keras.Model):
    """A compute_loss of its own, which reads x."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        return super().compute_loss(x, y, y_pred, sample_weight) + tf.reduce_mean(x[:, :1] * y_pred)


def own_loss():
    inputs, middle = hidden()
    regularized = L.Dense(1, kernel_regularizer=keras.regularizers.L2(0.1))(middle)
    model = OwnLoss(inputs, regularized)
    model.compile(keras.optimizers.RMSprop(0.01), "mae", metrics=["mse"])
    return model


def half_precision():
    """In float16, with the loss scaled so that small slopes are not lost."""
    inputs = keras.Input((6,))
    middle = L.Dense(8, "relu", dtype="mixed_float16")(inputs)
    middle = L.Dropout(0.0, dtype="mixed_float16")(middle)
    model = keras.Model(inputs, L.Dense(1, dtype="float32")(middle))
    scaled = keras.optimizers.LossScaleOptimizer(
        keras.optimizers.Adam(0.01), initial_scale=2.0**24, dynamic_growth_steps=2
    )
    model.compile(scaled, "mse", metrics=["mae"])
    return model


WEIGHT = np.random.default_rng(1).uniform(0, 3, N + N_JUDGED).astype("float32")
CASES = {
    "two outputs": (two_outputs, of_parts(X, {"side": SIGN, "sum": SUM}), "sum_r2_score"),
    "train_step": (own_step, of_parts(X, SUM), "off"),
    "sample_weight": (weighted, of_parts(X, SIGN[:, None].astype("float32"), WEIGHT), "auc"),
    "loss scale": (half_precision, of_parts(X, SUM), "mae"),
    "compute_loss": (own_loss, of_parts(X, SUM), "mse"),
    "more in training": (more_in_training, of_parts(X, SUM), "mae"),
}

NAMES = [
    "train_step",
    *(pytest.param(name, marks=pytest.mark.slow) for name in CASES if name != "train_step"),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_loop_trains_and_judges_as_fit_does(name):
    build, data, metric = CASES[name]
    trainer, ours = trained(build, data, metric)
    model, theirs = fitted(build, data)
    for row, other in zip(as_fit(ours.history, metric), theirs, strict=True):
        assert row == pytest.approx({key: other[key] for key in row}, rel=2e-3, abs=1e-4)
    for own, other in zip(trainer.model.get_weights(), model.get_weights(), strict=True):
        assert own == pytest.approx(other, abs=1e-3)
    assert trainer.program.trouble is None


HEADS = {"softmax": (2, "sparse_categorical_crossentropy"), "sigmoid": (1, "binary_crossentropy")}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("dtype", ["uint8", "int8", "uint16", "int64"])
def test_classes_of_every_type_are_judged_as_fit_does(head, dtype):
    def build():
        inputs, middle = hidden()
        model = keras.Model(inputs, L.Dense(HEADS[head][0], activation=head)(middle))
        model.compile(keras.optimizers.Adam(0.01), HEADS[head][1], metrics=["accuracy"])
        return model

    data = of_parts(X, SIGN.astype(dtype), task="classification")
    trainer, ours = trained(build, data, "accuracy", epochs=1)
    ((row,), (other,)) = as_fit(ours.history, "accuracy"), fitted(build, data, epochs=1)[1]
    assert row == pytest.approx({key: other[key] for key in row}, rel=2e-3, abs=1e-4)
    assert trainer.program.trouble is None


@pytest.mark.parametrize("name", NAMES)
def test_a_second_trial_begins_anew_on_the_same_program(name):
    build, data, metric = CASES[name]
    trainer, first = trained(build, data, metric)
    program, traces = trainer.program, trainer.program.n_traces
    assert trained(build, data, metric, trainer=trainer)[1] == first
    assert trainer.program is program
    assert program.n_traces == traces


@pytest.mark.slow
def test_the_negative_control_another_loss_is_noticed():
    build, data, metric = CASES["two outputs"]

    def unclipped():
        model = build()
        model.optimizer.clipnorm = None
        return model

    ours = trained(build, data, metric)[1].history[-1]["train_loss"]
    assert fitted(unclipped, data)[1][-1]["loss"] != pytest.approx(ours, rel=1e-3)


@pytest.mark.slow
def test_the_study_may_set_a_learning_rate_over_a_schedule_and_another_optimizer():
    build, data, metric = CASES["two outputs"]
    trainer, _ = trained(build, data, metric, epochs=1, learning_rate=0.25)
    optimizer = trainer.program.driver.optimizer
    assert float(optimizer.learning_rate) == 0.25
    assert (optimizer.clipnorm, float(optimizer.momentum)) == (0.5, 0.9)
    trainer, _ = trained(build, data, metric, epochs=1, optimizer="rmsprop")
    assert isinstance(trainer.program.driver.optimizer, keras.optimizers.RMSprop)


@pytest.mark.slow
def test_the_average_of_the_weights_is_what_is_left_where_the_optimizer_keeps_it():
    def averaged():
        model = weighted()
        optimizer = keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9)
        model.compile(optimizer, "binary_crossentropy", metrics=["auc"])
        return model

    data = CASES["sample_weight"][1]
    trainer, found = trained(averaged, data, "auc", epochs=2)
    kept = keras.metrics.AUC()
    kept.update_state(data.validation.y, trainer.model(data.validation.x))
    assert found.value == pytest.approx(float(kept.result()), abs=1e-6)
    assert found.value != found.history[-1]["val_auc"]


def test_an_optimizer_that_was_built_before_a_variant_came_trains_what_it_brought():
    def built():
        model = weighted()
        model.optimizer.build(model.trainable_variables)
        return model

    data = CASES["sample_weight"][1]
    trainer, found = trained(built, data, "auc", epochs=1, variant="concrete", rate=0.1)
    assert found.history[0]["rate_0"] != pytest.approx(0.1, abs=1e-9)
    assert trainer.program.trouble is None


SCHEDULE = keras.optimizers.schedules.CosineDecay(0.05, 9)
HALVING = {
    "as it is": lambda: keras.optimizers.AdamW(0.05, weight_decay=10.0),
    "its schedule set aside": lambda: keras.optimizers.AdamW(SCHEDULE, weight_decay=10.0),
}


@pytest.mark.parametrize("is_built", [False, True])
@pytest.mark.parametrize("name", HALVING)
def test_weights_that_an_optimizer_is_told_not_to_decay_are_not(name, is_built):
    def build():
        model = weighted()
        model.compile(HALVING[name](), "binary_crossentropy", metrics=["auc"])
        model.optimizer.exclude_from_weight_decay(var_names=["kernel"])
        if is_built:
            model.optimizer.build(model.trainable_variables)
        return model

    settings = {} if name == "as it is" else {"learning_rate": 0.05}
    trainer, _ = trained(build, CASES["sample_weight"][1], "auc", epochs=2, **settings)
    optimizer = trainer.program.driver.optimizer
    decayed = [v.name for v in trainer.model.trainable_variables if decays(optimizer, v)]
    assert decayed == ["bias", "bias"]


def test_a_copy_of_a_model_decays_what_the_model_does():
    model = weighted()
    model.optimizer.exclude_from_weight_decay(var_list=[model.layers[-1].kernel])
    copy = keras.models.clone_model(model)
    take_compile(copy, model)
    undecayed = [v.path for v in copy.trainable_variables if not decays(copy.optimizer, v)]
    assert undecayed == [copy.layers[-1].kernel.path]


def test_a_step_that_reports_no_loss_says_so():
    steps = Steps(lambda rows: {"a": 1.0, "b": 2.0})
    with pytest.raises(UsageError, match="reports no loss, but a, b"):
        steps.loss(steps((1, 2)))
