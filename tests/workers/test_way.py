"""What a study says of the way that a model's owner trains it, and what it lays over it."""

import keras
import pytest
from _compiled import L, features, of_parts

from tuner import importer
from tuner.errors import UsageError
from tuner.schema import VARIANTS
from tuner.study.definition import StudyDefinition
from tuner.workers.way import way_of

X = features()
SIGN = (X[:, 0] > 0).astype("int32")
RARE = SIGN * 0
RARE[:3] = 1


def model(rate=0.1):
    inputs = keras.Input((6,))
    made = keras.Model(inputs, L.Dense(2, "softmax")(L.Dropout(0.5)(inputs)))
    made.compile(
        keras.optimizers.SGD(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return made


def way(of=None, y=SIGN, axes=(), **table):
    definition = StudyDefinition.parse({"model": "own:build", **table}, "test")
    return way_of(definition, of or model(), of_parts(X, y, task="classification"), dict(axes))


def test_a_compiled_model_keeps_its_optimizer_and_this_is_said():
    found = way()
    assert (found.training.optimizer, found.training.learning_rate) == (None, None)
    assert found.notes[0] == (
        "trained as its owner does, by the loss of its compile and its optimizer (SGD, 0.1);"
        " 20 epochs in batches of 128"
    )
    assert found.notes[1] == "judged by accuracy, the first metric of its compile"


def test_what_judges_is_said_where_its_owner_did_not_say_it():
    bare = keras.Sequential([keras.Input((6,)), L.Dropout(0.5), L.Dense(2, "softmax")])
    bare.compile("sgd", "sparse_categorical_crossentropy")
    assert way(bare).notes[1] == "judged by accuracy: its compile has no metric (or --metric)"
    assert not any("judged by" in each for each in way(bare, metric="nll").notes)


def test_another_gets_the_usual_one():
    plain = keras.Sequential([keras.Input((6,)), L.Dropout(0.5), L.Dense(2, "softmax")])
    found = way(plain)
    assert (found.training.optimizer, found.training.learning_rate) == ("adam", 1e-3)
    assert found.notes == ()


@pytest.mark.parametrize(
    ("table", "axes", "said"),
    [
        ({"training": {"optimizer": "adam"}}, {}, "the optimizer of the study instead of its own"),
        ({"training": {"learning_rate": 0.5}}, {}, "at the learning rate of the study instead"),
        ({}, {"learning_rate": (0.1, 0.2)}, "at the learning rate of the study instead"),
    ],
)
def test_what_the_study_sets_or_searches_is_laid_over_it_and_said(table, axes, said):
    assert said in way(axes=axes, **table).notes[0]


def test_where_nearly_all_rows_are_of_a_class_accuracy_is_said_to_tell_little():
    assert any("97% of the rows are of class 0" in note for note in way(y=RARE).notes)
    assert not any("of the rows" in note for note in way(y=RARE, metric="f1").notes)


def test_what_a_callback_keeps_is_the_value_and_this_is_said():
    notes = way(training={"early_stopping": 3}).notes
    assert "the value of a trial is that of the weights that early stopping keeps" in notes


def test_a_metric_of_ones_own_needs_a_direction(tmp_path, monkeypatch):
    (tmp_path / "own_measure.py").write_text("def off(y, p): return p[:, 0]\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match='give direction = "maximize" or "minimize"'):
        way(metric="own_measure:off")
    assert way(metric="own_measure:off", direction="maximize").direction == "maximize"


class OwnStep(keras.Model):
    def train_step(self, data):
        return {"loss": 0.0 * keras.ops.sum(self(data[0], training=True))}


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        ("adversarial", "calls no self(x) or compute_loss"),
        ("concrete", "leaves self.losses out"),
        ("standard", None),
    ],
)
def test_a_train_step_that_leaves_losses_out_cannot_train_what_adds_one(variant, said):
    inputs = keras.Input((6,))
    own = OwnStep(inputs, L.Dense(2, "softmax")(L.Dropout(0.5)(inputs)))
    own.compile("sgd", "sparse_categorical_crossentropy")
    found = way(own).refuses(importer.load(VARIANTS[variant]))
    assert found is None if said is None else said in found
