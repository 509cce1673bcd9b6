"""A store with a study of many trials, written directly: what looks at it need not wait for it."""

import json
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution, FloatDistribution, distribution_to_json
from optuna.trial import TrialState

from tuner.schema import VARIANTS
from tuner.storage.connect import open_storage
from tuner.storage.tables import PARAMS, REPORTS, TRIALS, USER_ATTRS, VALUES
from tuner.storage.worker_storage import WorkerStorage
from tuner.study.definition import StudyDefinition
from tuner.study.studies import open_study

WIDTHS = (64, 128, 256, 512)
LEARNING = ("concrete", "variational")
_BEGAN = datetime(2026, 1, 1)


def make_study(
    url: str,
    n_trials: int,
    epochs: int = 20,
    *,
    name: str = "simulated",
    seed: int = 0,
    hours: int = 0,
) -> WorkerStorage:
    """A study whose trials look like those of `tuner search`; the store that it was written to.

    Two of three are complete, one in a hundred has failed, the others were pruned half-way. They
    began so many hours after the first of January, 2026.
    """
    store = open_storage(url, create=True)
    table = {"name": name, "metric": "accuracy", "training": {"epochs": epochs}}
    definition = StudyDefinition.parse(table | {"search": {"trials": n_trials}}, "simulated")
    attrs = {"n_train": 1149, "n_validation": 288, "budget": n_trials, "fixed": ["depth"]}
    study = open_study(definition, "none", store, attrs)
    generator = np.random.default_rng(seed)
    study_id, began = study._study_id, _BEGAN + timedelta(hours=hours)
    rows: dict[Any, list[dict[str, Any]]] = {t: [] for t in (PARAMS, REPORTS, VALUES, USER_ATTRS)}

    def write(connection: Any) -> None:
        for number in range(n_trials):
            trial = _trial(generator, number, epochs)
            made = TRIALS.insert().values(
                number=number,
                study_id=study_id,
                state=trial["state"],
                datetime_start=began + timedelta(seconds=2 * number),
                datetime_complete=began + timedelta(seconds=2 * number + 2),
            )
            trial_id = connection.execute(made.returning(TRIALS.c.trial_id)).scalar_one()
            for into, records in _records(trial).items():
                rows[into] += [{"trial_id": trial_id, **record} for record in records]
        for into, records in rows.items():
            if records:
                connection.execute(into.insert(), records)

    store.database.run(write)
    store.forget()
    return store


def _trial(generator: np.random.Generator, number: int, epochs: int) -> dict[str, Any]:
    variant = list(VARIANTS)[number % len(VARIANTS)]
    rate = 0.0 if variant == "none" else float(generator.uniform(0, 0.8))
    width = int(generator.choice(WIDTHS))
    fate = generator.uniform()
    state = TrialState.FAIL if fate < 0.01 else TrialState.PRUNED if fate < 0.34 else None
    state = state or TrialState.COMPLETE
    n_epochs = {TrialState.FAIL: 0, TrialState.PRUNED: epochs // 2}.get(state, epochs)
    top = 0.97 - 0.1 * (rate - 0.3) ** 2 + generator.normal(0, 0.005)
    at = np.arange(1, n_epochs + 1)
    val = top - 0.4 * np.exp(-at / 3) + generator.normal(0, 0.003, n_epochs)
    history = {
        "train_loss": (1.5 * np.exp(-at / 4)).tolist(),
        "val_loss": (1.5 * np.exp(-at / 4) + 0.1).tolist(),
        "train_accuracy": (val + 0.02).tolist(),
        "val_accuracy": val.tolist(),
    }
    if variant in LEARNING:
        for place in range(2):
            end = generator.uniform(0.05, 0.5)
            history[f"rate_{place}"] = (end + (rate - end) * np.exp(-at / 3)).tolist()
    return {
        "number": number,
        "state": state,
        "params": {"variant": variant, "rate": rate, "width": width, "depth": 2},
        "history": history,
    }


def _records(trial: dict[str, Any]) -> dict[Any, list[dict[str, Any]]]:
    params, history, complete = trial["params"], trial["history"], TrialState.COMPLETE
    values = history["val_accuracy"]
    attrs: dict[str, Any] = {"params": params, "seed": trial["number"], "worker": "host:1"}
    if trial["state"] == TrialState.FAIL:
        attrs["error"] = "out of memory"
    else:
        attrs |= {"history": history, "seconds": 2.0}
    if trial["state"] == complete:
        attrs |= {"train_accuracy": values[-1] + 0.02, "n_weights": 100_000, "measured": {}}
    return {
        PARAMS: _params(params),
        REPORTS: [
            {"step": step, "intermediate_value": value, "intermediate_value_type": "FINITE"}
            for step, value in enumerate(values, start=1)
        ],
        VALUES: [{"objective": 0, "value": values[-1], "value_type": "FINITE"}]
        if trial["state"] == complete
        else [],
        USER_ATTRS: [{"key": key, "value_json": json.dumps(value)} for key, value in attrs.items()],
    }


def _params(params: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {
        "variant": CategoricalDistribution(tuple(VARIANTS)),
        "width": CategoricalDistribution(WIDTHS),
        "rate": FloatDistribution(0.0, 0.8),
    }
    return [
        {
            "param_name": name if name != "rate" else f"{params['variant']}.rate",
            "param_value": kind.to_internal_repr(params[name]),
            "distribution_json": distribution_to_json(kind),
        }
        for name, kind in kinds.items()
        if name != "rate" or params["variant"] != "none"
    ]
