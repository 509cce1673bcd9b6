"""One contender in a process of its own: python -m speed.contenders NAME FILE MODEL EPOCHS.

Each trains the 12 configurations of `grid` and prints their validation accuracies as JSON.
FILE has x_train, y_train, x_validation, y_validation, standardized; tuner reads raw.npz beside it.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from speed import process
from speed.grid import BATCH, ELSEWHERE, KINDS, RATES, WIDTHS
from speed.task import Task

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def fit_loop(task: Task) -> list[float]:
    """model.fit in a loop."""
    return [task.fit(rate, width) for rate, width in task.grid()]


def optuna_fit(task: Task) -> list[float]:
    """Optuna's grid sampler around model.fit, trials in SQLite."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    widths = WIDTHS[task.model]
    sampler = optuna.samplers.GridSampler({"rate": RATES, "width": widths})
    study = optuna.create_study(
        direction="maximize", sampler=sampler, storage="sqlite:///optuna.db"
    )

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_categorical("rate", RATES)
        return task.fit(rate, trial.suggest_categorical("width", widths))

    study.optimize(objective, n_trials=len(task.grid()))
    return [_known(trial.value) for trial in study.trials]


def _known(value: float | None) -> float:
    if value is None:
        raise ValueError("a trial has no value")
    return value


def keras_tuner(task: Task) -> list[float]:
    """KerasTuner's grid search."""
    import keras_tuner as kt

    def build(hp: kt.HyperParameters) -> Any:
        rate = hp.Choice("rate", RATES)
        return task.build(rate, hp.Choice("width", WIDTHS[task.model]))

    tuner = kt.GridSearch(
        build, objective="val_accuracy", max_trials=len(task.grid()), directory="kt", overwrite=True
    )
    tuner.search(**task.fitting)
    return [trial.score for trial in tuner.oracle.trials.values()]


def ray_tune(task: Task) -> list[float]:
    """Ray Tune's grid search, a core a trial."""
    import ray
    from ray import tune

    ray.init(include_dashboard=False, log_to_driver=False, logging_level="ERROR")

    def train(config: dict[str, Any]) -> None:
        tune.report({"accuracy": task.fit(config["rate"], config["width"])})

    space = {
        "rate": tune.grid_search(list(RATES)),
        "width": tune.grid_search(list(WIDTHS[task.model])),
    }
    results = tune.Tuner(train, param_space=space).fit()
    return [float(result.metrics["accuracy"]) for result in results]


def tuner(task: Task) -> list[float]:
    """Our search over the same grid, with its two baselines, plots, tables and best model."""
    widths = ", ".join(map(str, WIDTHS[task.model]))
    rates = ", ".join(map(str, RATES))
    others = "".join(f'"rate.{kind}" = {ELSEWHERE}\n' for kind in KINDS.get(task.model, ()))
    Path("speed.toml").write_text(
        f'data = "raw.npz"\nmodel = "networks:{task.model}"\n'
        f'[space]\nvariant = ["standard"]\nrate = [{rates}]\nwidth = [{widths}]\n{others}'
        f"[training]\nepochs = {task.epochs}\nbatch_size = {BATCH}\n"
        '[search]\ntrials = 14\nsampler = "grid"\npruner = "none"\n',
        encoding="utf-8",
    )
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    from tuner.cli.main import run

    run(["search", "speed.toml", "--quiet"])
    trials = json.loads(Path("studies/speed/trials.json").read_text(encoding="utf-8"))
    return [trial["value"] for trial in trials]


CONTENDERS: dict[str, Callable[[Task], list[float]]] = {
    "tuner": tuner,
    "model.fit": fit_loop,
    "optuna": optuna_fit,
    "keras-tuner": keras_tuner,
    "ray": ray_tune,
}


if __name__ == "__main__":
    name, file, model, epochs = sys.argv[1:]
    process.answer(CONTENDERS[name], Task(Path(file), model, int(epochs)))
