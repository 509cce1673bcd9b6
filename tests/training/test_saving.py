"""The exported model of every variant gives the value that the trial recorded."""

import json
import shutil
import subprocess
import sys

import keras
import numpy as np
import optuna
import pytest
from _compiled import L, features, of_parts, trained

from tuner.data.loading import open_dataset
from tuner.dropout import apply
from tuner.schema import VARIANTS
from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.study_file import override
from tuner.training.saving import trouble_with
from tuner.workers.objective import Objective
from tuner.workers.resolve import resolve

FITTING = [name for name in VARIANTS if name != "spatial"]
NEEDS_TUNER = ("mc",)
TABLE = {"space": {"width": 16, "depth": 1}, "training": {"epochs": 2, "learning_rate": 0.01}}
EVALUATE = """
import sys
if sys.argv[1] == "with":
    import tuner.dropout
import json, pathlib, keras, numpy as np
x, y = np.load("x.npy"), np.load("y.npy")
values = {}
for path in sorted(pathlib.Path().glob("*.keras")):
    try:
        model = keras.saving.load_model(path)
        model.run_eagerly = True
        values[path.stem] = model.evaluate(x, y, verbose=0)[1]
    except (TypeError, ValueError):
        values[path.stem] = None
print(json.dumps(values))
"""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory, store_template):
    """A folder with the model of a trial of each variant and the validation rows; the values."""
    folder, values = tmp_path_factory.mktemp("models"), {}
    definition = StudyDefinition.parse(TABLE, "test")
    train_validation = open_dataset(definition.data_settings).train_validation
    for name in FITTING:
        resolved = resolve(override(definition, {"space.variant": [name]}), train_validation)
        shutil.copy(store_template, folder / f"{name}.db")
        store = open_storage(f"sqlite:///{folder}/{name}.db")
        study = optuna.create_study(storage=store, direction="maximize")
        study.enqueue_trial({"variant": name})
        objective = Objective(resolved, train_validation)
        trial = study.ask()
        values[name] = objective(trial)
        assert trial.user_attrs["params"]["variant"] == name
        objective.trainer.saver()(folder / f"{name}.keras")
    part, scaling = train_validation.validation, train_validation.scaling
    np.save(folder / "x.npy", part.x * scaling.scale + scaling.mean)
    np.save(folder / "y.npy", part.y)
    return folder, values


def evaluated(folder, how):
    run = subprocess.run(
        [sys.executable, "-c", EVALUATE, how], cwd=folder, check=True, capture_output=True
    )
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_fresh_process_with_tuner_gets_the_recorded_values(recorded):
    folder, values = recorded
    assert evaluated(folder, "with") == pytest.approx(values, abs=1e-6)


@pytest.mark.slow
def test_without_tuner_all_but_the_noisy_ones_open(recorded):
    folder, values = recorded
    found = evaluated(folder, "without")
    assert [name for name, value in found.items() if value is None] == list(NEEDS_TUNER)
    for name in set(values) - set(NEEDS_TUNER):
        assert found[name] == pytest.approx(values[name], abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", FITTING)
def test_the_values_do_not_depend_on_the_batch_size(recorded, name):
    folder, values = recorded
    model = keras.saving.load_model(folder / f"{name}.keras")
    x, y = np.load(folder / "x.npy"), np.load(folder / "y.npy")
    value = model.evaluate(x, y, batch_size=7, verbose=0)[1]
    assert value == pytest.approx(values[name], abs=1e-6)


def test_a_file_opens_uncompiled_though_a_loss_of_its_owner_cannot_be_found(tmp_path):
    def build():
        def of_a_closure(y, found):
            return keras.ops.abs(y - found)

        inputs = keras.Input((6,))
        model = keras.Model(inputs, L.Dense(1)(L.Dropout(0.1)(inputs)))
        model.compile("adam", of_a_closure)
        return model

    x = features()
    data = of_parts(x, x[:, :1], task="regression", n_outputs=1)
    trainer, _ = trained(build, data, "loss", epochs=1)
    trainer.saver()(tmp_path / "best.keras")
    opened = keras.saving.load_model(tmp_path / "best.keras", compile=False)
    assert np.allclose(opened(x), trainer.model(x), atol=1e-5)
    assert trainer.model.compiled


class Draws(L.Layer):
    """Noise in answers too."""

    def call(self, x):
        return x + keras.random.normal(keras.ops.shape(x))


class Doubles(L.Layer):
    """What is made again from its code has another factor than it was given later."""

    factor = 1.0

    def call(self, x):
        return x * self.factor


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (L.Identity, None),
        (Draws, "both draw in answers"),
        (Doubles, "probably as Doubles make layers of their own: write them as"),
    ],
)
def test_a_file_that_is_not_the_model_that_was_trained_is_said_with_its_cause(
    kind, words, tmp_path
):
    inputs = keras.Input((6,))
    layer = kind()
    layer.factor = 2.0
    model = keras.Model(inputs, layer(L.Dense(2)(inputs)))
    model.save(tmp_path / "best.keras")
    x = features()
    data = of_parts(x, x[:, :2])
    said = trouble_with(tmp_path / "best.keras", model, data)
    assert (words is None) == (said is None)
    assert words is None or words in said


def test_a_file_that_keras_alone_does_not_open_is_said_to_be_one(tmp_path):
    inputs = keras.Input((6,))
    model = keras.Model(inputs, L.Dense(2)(L.Dropout(0.4)(inputs)))
    data = of_parts(features(), features()[:, :2])
    for name, words in (("gaussian", None), ("mc", "tuner.load_model opens it")):
        path = tmp_path / f"{name}.keras"
        noisy = apply(keras.models.clone_model(model), name, 0.4, task="regression")
        noisy.save(path)
        said = trouble_with(path, noisy, data)
        assert said is None if words is None else words in said
