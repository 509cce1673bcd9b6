"""Studies made by hand, whose plots are known."""

import itertools

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.trial import TrialState, create_trial

from tuner.study import reading
from tuner.study.definition import METRICS, StudyDefinition

RATES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
MANY_RATES = (0.0, 0.05, 0.15, 0.22, 0.31, 0.37, 0.45, 0.52, 0.58)
SEEDS = (11, 12, 13)
VARIANTS = ("none", "standard", "gaussian", "concrete", "alpha", *"abcdefgh")
_DISTRIBUTIONS = {
    "variant": CategoricalDistribution(VARIANTS),
    "rate": FloatDistribution(0.0, 0.9),
    "width": CategoricalDistribution((64, 128)),
}


def history(curve, metric, rates=()):
    names = ("train_loss", "val_loss", f"train_{metric}", f"val_{metric}")
    return dict.fromkeys(names, curve) | {f"rate_{i}": each for i, each in enumerate(rates)}


def trial(
    variant,
    value,
    rate=0.0,
    state=TrialState.COMPLETE,
    metric="accuracy",
    *,
    learned=(),
    width=64,
    gap=0.1,
    epochs=5,
):
    """Ends with `value` after climbing by 0.05 an epoch; its train value lies `gap` above."""
    curve = [value - 0.05 * (epochs - epoch) for epoch in range(1, epochs + 1)]
    params = {"variant": variant, "rate": rate, "width": width}
    sampled = {k: v for k, v in params.items() if k != "rate" or variant != "none"}
    attrs = {
        "params": params,
        "history": history(curve, metric, [[rate] * (epochs - 1) + [last] for last in learned]),
        f"train_{metric}": value + gap,
        "seconds": 0.5 * epochs,
    }
    return create_trial(
        state=state,
        value=value if state == TrialState.COMPLETE else None,
        params=sampled,
        distributions={name: _DISTRIBUTIONS[name] for name in sampled},
        intermediate_values=dict(enumerate(curve, start=1)),
        user_attrs=attrs,
    )


def read(*trials, metric="accuracy", **attrs):
    return reading.read(study_of(trials, metric, attrs))


def study_of(trials, metric, attrs, **place):
    study = optuna.create_study(direction=METRICS[metric].direction, **place)
    attrs = dict(attrs)
    table = {"name": attrs.pop("name", "digits"), "metric": metric, "training": {"epochs": 6}}
    study.set_user_attr("definition", StudyDefinition.parse(table, "test").to_table())
    for name, value in attrs.items():
        study.set_user_attr(name, value)
    study.add_trials(trials)
    return study


def a_study(metric="accuracy"):
    """Every variant, two widths, learned rates, pruned and failed trials, one that diverged."""
    return read(
        trial("none", 0.80, metric=metric),
        *(
            trial("standard", 0.81 + r / 10 + w / 10_000, r, metric=metric, width=w)
            for r, w in itertools.product(RATES, (64, 128))
        ),
        *(trial("gaussian", 0.82 + r / 20, r, metric=metric, width=128) for r in MANY_RATES),
        trial("concrete", 0.83, 0.1, metric=metric, learned=(0.05, 0.4)),
        trial("concrete", 0.82, 0.2, metric=metric, learned=(0.15, 0.3)),
        trial("alpha", 0.2, 0.7, metric=metric),
        trial("alpha", 0.75, 0.7, TrialState.PRUNED, metric, epochs=1),
        trial("alpha", 0.2, 0.7, TrialState.FAIL, metric),
        create_trial(state=TrialState.WAITING),
        metric=metric,
    )


def candidate(name, variant, rate, values, metric="accuracy"):
    """A candidate's document, and a trial for each of SEEDS that has a value."""
    params = {"variant": variant, "rate": rate, "width": 64}
    document = {"name": name, "params": params, "trial": 0, "n_knobs": 2}
    trials = [
        create_trial(
            value=value,
            user_attrs={
                "role": "finalist",
                "params": params,
                "seed": seed,
                "history": history([value - 0.1] * 4 + [value], metric),
                f"train_{metric}": value,
            },
        )
        for seed, value in zip(SEEDS, values, strict=True)
        if value is not None
    ]
    return document, trials


def a_comparison(metric="accuracy"):
    """Gaussian is better than no dropout by 0.01, 0.02 and 0.03; a seed of standard is missing."""
    return read(*trials_compared(metric), metric=metric, **attrs_compared(metric))


def compared(metric="accuracy"):
    return [
        candidate("none", "none", 0.0, (0.70, 0.80, 0.90), metric),
        candidate("gaussian", "gaussian", 0.3, (0.71, 0.82, 0.93), metric),
        candidate("standard 0.5", "standard", 0.5, (0.60, None, 0.80), metric),
    ]


def trials_compared(metric="accuracy"):
    return [each for _, trials in compared(metric) for each in trials]


def attrs_compared(metric="accuracy"):
    documents = [document for document, _ in compared(metric)]
    return {"finalists": documents, "seeds": list(SEEDS), "n_test": 100}
