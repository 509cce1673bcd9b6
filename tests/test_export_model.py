"""The exported model of every variant gives the value that the trial recorded."""

import keras
import optuna
import pytest

from tuner.data.opening import open_dataset
from tuner.objective import Objective
from tuner.resolve import resolve
from tuner.study_file import override
from tuner.variants import VARIANTS


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "spatial"])
def test_the_saved_model_of_a_variant_gives_the_value_of_its_trial(tiny, tmp_path, name):
    development = open_dataset(tiny).development
    resolved = resolve(override(tiny, {"space.variant": [name]}), development)
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"variant": name})
    objective = Objective(resolved, development)
    trial = study.ask()
    value = objective(trial)
    objective.save(tmp_path / "best.keras")
    part, scaling = development.validation, development.scaling
    model = keras.saving.load_model(tmp_path / "best.keras")
    raw = part.x * scaling.scale + scaling.mean
    assert trial.user_attrs["params"]["variant"] == name
    assert model.evaluate(raw, part.y, verbose=0)[1] == pytest.approx(value, abs=1e-6)
