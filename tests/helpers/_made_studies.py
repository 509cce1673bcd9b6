"""Studies in memory, as a search leaves them, and their comparisons."""

import math
from datetime import datetime, timedelta

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from tuner.comparison.companion import companion_name
from tuner.comparison.rounds import point
from tuner.study.definition import METRICS, StudyDefinition

VARIANTS = ("none", "standard", "gaussian", "concrete")
NASTY = "<script>alert('x')</script>\"&'日本語🙂$\\frac{1}$"
LONG = "a<b" * 67
SEEDS = [11, 12, 13]
STARTED = datetime(2026, 1, 2, 3, 4)


def curves(value, metric="accuracy", n=20, places=0):
    """The history of a trial that ends with `value` after `n` epochs."""
    steps = value * (1 - np.exp(-np.arange(1, n + 1) / 3))
    rates = {f"rate_{place}": np.linspace(0.3, 0.1 + place / 10, n) for place in range(places)}
    names = ("train_loss", "val_loss", f"train_{metric}", f"val_{metric}")
    history = dict.fromkeys(names, steps) | rates
    return {name: [float(f"{value:.9f}") for value in values] for name, values in history.items()}


NOTES = ["task classification: y is 2 classes (a, b)"]


def trial(number, metric="accuracy", extra=(), **attrs):
    """A trial as the search leaves it: one in four pruned, one in 97 failed."""
    generator = np.random.default_rng(number)
    variant, rate = VARIANTS[number % 4], float(generator.uniform(0, 0.8))
    value = 0.9 + 0.05 * math.cos(3 * rate) + float(generator.normal(0, 0.01))
    state = TrialState.PRUNED if number % 16 > 11 else TrialState.COMPLETE
    state = TrialState.FAIL if number % 97 == 96 else state
    params = {"variant": variant, "rate": 0.0 if variant == "none" else rate, "width": 64}
    n_epochs = 20 if state == TrialState.COMPLETE else 5
    history = curves(value, metric, n_epochs, 2 * (variant == "concrete"))
    sampled = {"variant": CategoricalDistribution(VARIANTS), "rate": FloatDistribution(0, 0.8)}
    begin = STARTED + timedelta(seconds=number)
    found = create_trial(
        state=state,
        value=value if state == TrialState.COMPLETE else None,
        params={"variant": variant, "rate": rate},
        distributions=sampled,
        intermediate_values={n_epochs: history[f"val_{metric}"][-1]},
        user_attrs={
            "params": params | dict(extra),
            "history": history,
            "seed": number,
            "seconds": 1.5,
            f"train_{metric}": value + 0.01,
            **({"error": "ValueError: no"} if state == TrialState.FAIL else {}),
            **attrs,
        },
    )
    found.datetime_start, found.datetime_complete = begin, begin + timedelta(seconds=1.5)
    return found


def study(*trials, metric="accuracy", name="mine", store=None, **table):
    """A study of such trials."""
    found = optuna.create_study(study_name=name, storage=store, direction=METRICS[metric].direction)
    definition = StudyDefinition.parse({"name": name, "metric": metric} | table, "test")
    attrs = {"definition": definition.to_table(), "n_train": 1149, "n_validation": 288}
    for key, value in (
        attrs | {"fixed": ["width"], "data": "7f42cfcee03f3ef6", "notes": NOTES}
    ).items():
        found.set_user_attr(key, value)
    found.add_trials(trials)
    return found


def nasty(**table):
    """A study whose names and texts are what nobody expects."""
    extra = {NASTY: NASTY, "=cmd|' /C calc'!A0": LONG, "long": "ü" * 200, "width": "$w_{<$"}
    trials = [trial(number, extra=extra.items()) for number in range(8)]
    trials.append(trial(96, extra=extra.items(), error=NASTY + LONG))
    return study(*trials, data=NASTY + ".npz", **table)


def compare(parent, store):
    """Add the comparison of `parent` to `store`: dropout is better by two points."""
    name = companion_name(parent.study_name)
    compared = optuna.create_study(study_name=name, storage=store, direction="maximize")
    candidates = [
        {"name": variant, "params": params(variant, rate), "trial": 0, "n_knobs": 1}
        for variant, rate in (("none", 0.0), ("gaussian", 0.3))
    ]
    attrs = {**parent.user_attrs, "finalists": candidates, "seeds": SEEDS, "n_test": 360}
    for key, value in attrs.items():
        compared.set_user_attr(key, value)
    compared.add_trials([final(each["params"], seed) for seed in SEEDS for each in candidates])
    opening = {"when": "2026-01-02T03:04:05+00:00", "command": "tuner compare mine"}
    parent.set_user_attr("openings", [opening])


def params(variant, rate):
    return {"variant": variant, "rate": rate, "width": 64}


def final(chosen, seed):
    """A candidate with a seed."""
    better = chosen["variant"] != "none"
    value = 0.95 + 0.02 * better + seed / 10_000 + seed % 2 / 5_000 * better
    measured = {"nll": 0.1, "sparsity": 0.5 + 0.1 * better}
    attrs = {"params": chosen, "point": point(chosen, seed), "seed": seed, "measured": measured}
    attrs |= {"train_accuracy": 0.99, "history": curves(value)}
    return create_trial(value=value, user_attrs=attrs)
