"""Candidates with made-up values, in the order none, then dropout."""

from dataclasses import replace

import numpy as np

from tuner.comparison.statistics.scored import ScoredCandidate, Scores

ROLES = {"none": "no dropout"}


def candidate(
    name, values, *, rate=0.3, width=256, n_hyperparameters=2, role=None, variant=None, twin=None
):
    """A candidate whose variant is the first word of its name."""
    variant = variant or name.split()[0]
    params = {"variant": variant, "rate": rate, "width": width}
    role = role or ROLES.get(variant, "dropout")
    return ScoredCandidate(name, variant, params, n_hyperparameters, tuple(values), role, twin)


def scores(*candidates, metric="accuracy", direction="maximize", n_test=10_000, race=None):
    """Candidates together; the twin of those without one is `none`, if it is there."""
    twin = "none" if any(each.name == "none" for each in candidates) else None
    given = (
        replace(each, twin=each.twin or twin) if each.is_dropout else each for each in candidates
    )
    return Scores(tuple(given), metric, direction, n_test, race)


def around(mean, spread=0.001, n=10, *, seed=0):
    """Values with exactly this mean and spread."""
    drawn = np.random.default_rng(seed).standard_normal(n)
    drawn = (drawn - drawn.mean()) / drawn.std(ddof=1)
    return (mean + spread * drawn).tolist()


def drawn(means, n_seeds, seed, *, spread=0.001):
    """Values of one study by candidate, around 0.98, with a shared effect of the seed."""
    generator = np.random.default_rng(seed)
    noise = generator.standard_normal((len(means), n_seeds)) + generator.standard_normal(n_seeds)
    return (0.98 + spread * (noise * np.sqrt(0.5) + np.array(means)[:, None])).tolist()


def study(means, n_seeds, seed):
    """No dropout and variants that are better by `means` seed spreads."""
    none, *others = drawn(means, n_seeds, seed)
    named = [candidate(f"standard {i}", values) for i, values in enumerate(others)]
    return scores(candidate("none", none), *named)
