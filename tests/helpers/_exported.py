"""A study to export."""

import optuna

from tuner.study import reading
from tuner.study.definition import StudyDefinition

TABLE = {
    "name": "mine",
    "metric": "accuracy",
    "space": {
        "variant": ["none", "standard"],
        "rate": {"low": 0.0, "high": 0.8},
        "width": [64, 256],
        "units": {"low": 8, "high": 64, "log": True},
        "scheduled": {"shape": ["late"]},
    },
    "training": {"epochs": 2, "learning_rate": 1 / 3},
}


def study_of(*trials, **given):
    study = optuna.create_study(direction="maximize")
    study.set_user_attr("definition", StudyDefinition.parse(TABLE | given, "test").to_table())
    study.set_user_attr("n_train", 100)
    study.add_trials(trials)
    return study


def read(*trials, **given):
    return reading.read(study_of(*trials, **given))
