"""Callbacks of Keras around the loop do what they do in model.fit."""

import keras
import pytest
from _compiled import L, N, features, fitted, of_parts, trained

from tuner.errors import UsageError
from tuner.training.settings import TrainingSettings
from tuner.training.watching import watch_for

X = features()
DATA = of_parts(X, (X[:, 0] > 0).astype("int32"), task="classification")


def build(rate=3.0):
    layers = [L.Dense(16, activation="relu"), L.Dropout(0.0), L.Dense(2)]
    model = keras.Sequential([keras.Input((6,)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    entropy = keras.metrics.SparseCategoricalCrossentropy(name="nll", from_logits=True)
    model.compile(keras.optimizers.SGD(rate), loss, metrics=["accuracy", entropy])
    return model


MODULE = """
import keras
seen = []
class Batches(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None): seen.append(batch)
class Rates(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs):
        seen.append((epoch, sorted(logs), float(self.model.optimizer.learning_rate)))
def halved(): return [keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2), Rates()]
def often(): return Batches()
def none(): return [3]
"""


@pytest.fixture
def seen(tmp_path, monkeypatch):
    (tmp_path / "own_callbacks.py").write_text(MODULE)
    monkeypatch.chdir(tmp_path)
    from tuner import importer

    found = importer.load("own_callbacks:seen")
    found.clear()
    return found


def test_early_stopping_keeps_the_best_weights_and_their_value():
    trainer, found = trained(build, DATA, "accuracy", epochs=12, early_stopping=2)
    values = [row["val_accuracy"] for row in found.history]
    assert len(values) < 12
    assert found.value == max(values) > values[-1]
    model, _ = fitted(build, DATA, epochs=values.index(max(values)) + 1)
    assert model.get_weights()[0] == pytest.approx(trainer.model.get_weights()[0], abs=1e-3)


def test_the_rate_is_reduced_where_the_loss_is_no_better_and_whole_again_in_the_next_trial():
    trainer, _ = trained(build, DATA, "accuracy", epochs=8, reduce_lr=1)
    assert float(trainer.program.driver.optimizer.learning_rate) < 3
    trained(build, DATA, "accuracy", epochs=1, trainer=trainer)
    assert float(trainer.program.driver.optimizer.learning_rate) == 3


def test_callbacks_of_a_module_see_the_model_and_the_metrics_of_its_compile(seen):
    _, found = trained(build, DATA, "accuracy", callbacks="own_callbacks:halved")
    names = ["accuracy", "learning_rate", "loss", "nll", "val_accuracy", "val_loss", "val_nll"]
    assert seen == [(0, names, 1.5), (1, names, 0.75), (2, names, 0.375)]
    assert len(found.history) == 3


@pytest.mark.slow
def test_one_that_is_called_at_every_batch_is_and_changes_nothing(seen):
    _, plain = trained(build, DATA, "accuracy")
    _, often = trained(build, DATA, "accuracy", callbacks="own_callbacks:often")
    assert seen == [0, 1, 2] * 3
    assert len(seen) == 3 * N // 32
    for row, other in zip(plain.history, often.history, strict=True):
        assert row == pytest.approx(other, rel=1e-5)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"callbacks": "own_callbacks:none"},
            r"gives a list of keras.callbacks.Callback, got \[3\]",
        ),
        ({"reduce_lr": 2}, "the optimizer of the model has a schedule"),
    ],
)
def test_what_cannot_be_called_is_refused(seen, settings, said):
    optimizer = keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 9))
    with pytest.raises(UsageError, match=said):
        watch_for(TrainingSettings(**settings), "accuracy", "maximize", optimizer)
