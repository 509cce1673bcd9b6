"""A trial that was interrupted ends with the value of one that was not."""

import numpy as np
import optuna
import pytest
from _interrupted import Stop, objective_of, run, study_of

from tuner.data.loading import open_dataset
from tuner.schema import VARIANTS
from tuner.storage import keys, lease
from tuner.study.study_file import override
from tuner.study.trial_queue import claim
from tuner.training.program import Program
from tuner.workers.checkpoint import Checkpoint, Checkpoints
from tuner.workers.objective import Objective
from tuner.workers.resolve import resolve
from tuner.workers.trial_run import StoppedError
from tuner.workers.worker import run_trial

OFTEN = ("standard", "targeted", "scheduled", "concrete", "variational", "adversarial", "mc")
"""Variants with more to keep than the state of a generator, and the first of the rest."""
IN_PYTHON = """
import random
import keras
import numpy as np
class Shaky(keras.layers.Layer):
    def call(self, x, training=False):
        if training:
            return keras.ops.convert_to_tensor(
                np.array(x) * (1 + 0.1 * random.random() + 0.1 * np.random.rand())
            )
        return x
def build(params, spec):
    layers = [Shaky(), keras.layers.Dense(4, "relu"), keras.layers.Dropout(0.5)]
    ends = keras.layers.Dense(spec.n_outputs)
    return keras.Sequential([keras.Input(spec.input_shape), *layers, ends])
"""


@pytest.fixture
def place(tmp_path, monkeypatch, new_store):
    monkeypatch.chdir(tmp_path)
    new_store(tmp_path / "store.db")
    (tmp_path / "shaky_model.py").write_text(IN_PYTHON)
    return tmp_path


def images(place, data):
    """The rows of `data` as pictures."""
    with np.load(data) as arrays:
        x, y = np.tile(arrays["x"], 6)[:, :36], arrays["y"]
    np.savez(place / "images.npz", x=x.reshape(-1, 6, 6, 1), y=y)
    return place / "images.npz"


def compared(place, definition, params):
    """Values of an undisturbed trial and of one that was interrupted, and its second epochs."""
    dataset, watch = open_dataset(definition.data_settings), Stop(None)
    checkpoints = Checkpoints(place / "checkpoints", every=0)
    first = objective_of(definition, dataset, watch, checkpoints)
    calm, _ = run(study_of(place, definition, "calm", params), definition, first, watch)
    study = study_of(place, definition, "stopped", params)
    watch.epoch = 4
    assert run(study, definition, first, watch) == (None, [1, 2, 3, 4])
    assert (place / "checkpoints" / "0.npz").exists()
    watch.epoch = None
    second = objective_of(definition, dataset, watch, checkpoints)
    value, epochs = run(study, definition, second, watch)
    assert not (place / "checkpoints").exists()
    return calm, value, epochs, study


@pytest.mark.slow
@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(name, marks=() if name in OFTEN else pytest.mark.zoo)
        for name in sorted(VARIANTS)
    ],
)
def test_every_variant_goes_on_to_the_same_value(place, tiny, variant):
    flags = {"training.epochs": 7, "space.variant": [variant], "search.pruner": "none"}
    params = {} if variant in ("none", "targeted") else {"rate": 0.4}
    if variant == "concrete":
        params = {}
    if variant == "spatial":
        flags |= {"model": "cnn", "data": str(images(place, tiny.data))}
    calm, value, epochs, study = compared(place, override(tiny, flags), params)
    assert value == calm
    assert epochs == [5, 6, 7]
    trial = study.get_trials()[0]
    reference = optuna.load_study(study_name="calm", storage=study.store).get_trials()[0]
    assert trial.intermediate_values == reference.intermediate_values
    assert trial.user_attrs["history"] == reference.user_attrs["history"]
    assert trial.user_attrs["resumed_after_epoch"] == 4


def test_without_its_state_a_trial_would_go_on_differently(place, tiny, monkeypatch):
    monkeypatch.setattr(Program, "restore", lambda program, state: None)
    *_, study = compared(place, override(tiny, {"training.epochs": 7}), {"rate": 0.4})
    reference = optuna.load_study(study_name="calm", storage=study.store).get_trials()[0]
    assert study.get_trials()[0].user_attrs["history"] != reference.user_attrs["history"]


@pytest.mark.slow
def test_a_model_that_draws_in_python_goes_on_to_the_same_value(place, tiny):
    flags = {"training.epochs": 6, "model": "shaky_model:build", "search.pruner": "none"}
    calm, value, epochs, _ = compared(place, override(tiny, flags), {})
    assert epochs == [5, 6]
    assert value == calm


def test_rungs_that_were_reached_are_kept_with_the_epochs(place, tiny):
    flags = {"training.epochs": 8, "search.pruner": "successive_halving"}
    *_, study = compared(place, override(tiny, flags), {})
    rungs = [name for name in study.get_trials()[0].system_attrs if name.startswith("completed_")]
    assert sorted(rungs) == ["completed_rung_0", "completed_rung_1", "completed_rung_2"]


def test_without_a_checkpoint_a_trial_begins_again_and_reaches_the_same_rungs(place, tiny):
    definition = override(tiny, {"training.epochs": 8, "search.pruner": "successive_halving"})
    dataset, watch = open_dataset(definition.data_settings), Stop(None)
    objective = objective_of(definition, dataset, watch)
    calm, _ = run(study_of(place, definition, "calm", {}), definition, objective, watch)
    study = study_of(place, definition, "stopped", {})
    watch.epoch = 5
    assert run(study, definition, objective, watch)[0] is None
    watch.epoch = None
    assert run(study, definition, objective, watch) == (calm, list(range(1, 9)))
    rungs = [name for name in study.get_trials()[0].system_attrs if name.startswith("completed_")]
    assert sorted(rungs) == ["completed_rung_0", "completed_rung_1", "completed_rung_2"]


def test_a_trial_that_was_lost_leaves_no_checkpoint(place, tiny):
    definition = override(tiny, {"training.epochs": 7, "search.pruner": "none"})
    dataset = open_dataset(definition.data_settings)
    study = study_of(place, definition, "lost", {})
    stolen = lease.Lease("elsewhere:1", "token", 15.0).text

    def steal(number, epoch, value):
        if epoch == 4:
            text = f"UPDATE trial_system_attributes SET value_json = '{stolen}' WHERE key = ?"
            run_sql = study.store.database.run
            run_sql(lambda connection: connection.exec_driver_sql(text, (keys.LEASE,)))
            raise StoppedError

    checkpoints = Checkpoints(place / "checkpoints", every=0)
    resolved = resolve(definition, dataset.train_validation)
    objective = Objective(resolved, dataset.train_validation, steal, checkpoints=checkpoints)
    trial = claim(study, definition)
    assert run_trial(study, objective, trial) is None
    assert not (place / "checkpoints").exists()
    assert study.store.claim(study.id) is None


def test_a_checkpoint_is_of_one_training_only(tmp_path):
    checkpoints = Checkpoints(tmp_path / "c")
    checkpoints.save(3, {"seed": 1}, Checkpoint(2, [np.arange(3.0)], {"history": []}))
    assert checkpoints.load(3, {"seed": 2}) is None
    assert checkpoints.load(4, {"seed": 1}) is None
    found = checkpoints.load(3, {"seed": 1})
    assert (found.epoch, found.arrays[0].tolist()) == (2, [0.0, 1.0, 2.0])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text"])
def test_a_damaged_checkpoint_is_none(tmp_path, content):
    (tmp_path / "0.npz").write_bytes(content)
    assert Checkpoints(tmp_path).load(0, {}) is None


def test_checkpoints_are_written_now_and_then_and_sooner_at_the_end(tmp_path, monkeypatch):
    now = iter([0.0, 0.0, 5.0, 5.0, 31.0])
    monkeypatch.setattr("tuner.workers.checkpoint.time.monotonic", lambda: next(now))
    checkpoints = Checkpoints(tmp_path)
    checkpoints.begin()
    assert not checkpoints.is_due()
    assert checkpoints.is_due(last_chance=True)
    assert checkpoints.is_due()


def test_without_a_folder_nothing_is_written(tmp_path):
    checkpoints = Checkpoints(None, every=0)
    assert not checkpoints.is_due(last_chance=True)
    assert checkpoints.load(0, {}) is None
    checkpoints.drop(0)
