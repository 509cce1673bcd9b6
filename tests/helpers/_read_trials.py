"""Trials made by hand, read."""

import optuna
from optuna.trial import TrialState, create_trial

from tuner.study import reading
from tuner.study.definition import METRICS, StudyDefinition


def trial(variant, value=None, state=TrialState.COMPLETE, last=None, **attrs):
    reports = {} if last is None else {2: last}
    attrs = {"params": {"variant": variant, "rate": 0.25}} | attrs
    return create_trial(state=state, value=value, user_attrs=attrs, intermediate_values=reports)


def read(*trials, metric="accuracy", **attrs):
    definition = StudyDefinition.parse({"metric": metric}, "test")
    study = optuna.create_study(direction=METRICS[metric].direction)
    for name, value in {"definition": definition.to_table(), **attrs}.items():
        study.set_user_attr(name, value)
    study.add_trials(trials)
    return reading.read(study)
