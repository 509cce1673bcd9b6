"""What to try next: where one more trial is expected to make the recommendation better by most."""

from collections.abc import Sequence

import numpy as np
import scipy

from tuner.schema import Params, Scalar
from tuner.study.curves.candidates import twin_of
from tuner.study.curves.model import Model
from tuner.study.curves.options import options
from tuner.study.curves.points import Floats
from tuner.study.curves.trials import tried
from tuner.study.curves.tried import MOST, Tried
from tuner.study.results import Results
from tuner.study.search_space import SearchSpace

CONTRAST_EVERY = 5
"""Every so many trials one is spent on whether dropout helps, not on a better leader."""

_MOST_FITTED = 150
"""Values that are enough for the variances where one more trial is proposed, and then another."""

_NODES = np.linspace(-4.0, 4.0, 25)
_WEIGHTS = np.exp(-0.5 * _NODES**2) / np.sum(np.exp(-0.5 * _NODES**2))
_MOST_RIVALS = 100
_TIE = 1e-9
"""Where nothing is expected to change the answer: what is least known."""


def next_trial(
    results: Results, space: SearchSpace, number: int, seed: int
) -> dict[str, Scalar] | None:
    """What trial `number` of a study should train, by Optuna's names; None before one is complete.

    All randomness is that of `seed`.
    """
    known = tried(results, MOST)
    if known is None:
        return None
    order = np.argsort(-known.transform.forward(known.values), kind="stable")
    ranked = [known.params[i] for i in order]
    drawn = options(space, ranked, np.random.default_rng(seed))
    running = [row.params for row in results.trials if row.state == "RUNNING" and row.params]
    chosen = suggest(known, [params for _, params in drawn], running, number)
    return next(named for named, params in drawn if params is chosen)


def suggest(
    known: Tried, choices: Sequence[Params], running: Sequence[Params] = (), number: int = 0
) -> Params:
    """Which of the choices to train as trial `number`, given what was tried and what runs.

    The knowledge gradient over the choices (Frazier, Powell and Dayanik 2009): by how much the best
    posterior mean is expected to rise. Trials that run count as observed at their expectation.
    """
    params = [*choices, *running]
    model = Model.fit(known, params, most_fitted=_MOST_FITTED)
    n, noise = len(choices), model.process.noise
    mean, covariance = model.joint(params)
    mean, covariance = mean[:n], _observed(covariance, n, noise) if running else covariance
    if number % CONTRAST_EVERY == CONTRAST_EVERY - 1:
        pairs = _contrasts(choices, mean)
        if pairs:
            return choices[_surest(covariance, *_least_sure(mean, covariance, pairs), noise)]
    gradient = knowledge_gradient(mean, covariance, noise)
    unsure = np.sqrt(np.clip(np.diag(covariance), 0.0, None))
    return choices[int(np.argmax(gradient + _TIE * unsure))]


def knowledge_gradient(mean: Floats, covariance: Floats, noise: float) -> Floats:
    """By how much a trial at each of m points is expected to raise the best mean, [m].

    mean: [m]; covariance: [m, m]; noise: the variance of a trial's value.
    """
    variance = np.clip(np.diag(covariance), 0.0, None)
    changes = covariance / np.sqrt(variance + noise)
    rivals = np.argsort(-(mean + 2 * np.sqrt(variance)))[:_MOST_RIVALS]
    mean, changes = mean[rivals, None], changes[rivals]
    best = [np.max(mean + changes * node, axis=0) for node in _NODES]
    return np.asarray(_WEIGHTS @ np.array(best) - mean.max())


def _observed(covariance: Floats, n: int, noise: float) -> Floats:
    """The covariance of the first `n` points once there are values at the others, whatever."""
    there = covariance[n:, n:] + (noise + _TIE) * np.eye(len(covariance) - n)
    factor = scipy.linalg.cholesky(there, lower=True)
    half = scipy.linalg.solve_triangular(factor, covariance[n:, :n], lower=True)
    return np.asarray(covariance[:n, :n] - half.T @ half)


def _contrasts(choices: Sequence[Params], mean: Floats) -> list[tuple[int, int]]:
    """What decides whether dropout helps: its leader beside the best without, and its twin."""
    plain = [i for i, each in enumerate(choices) if each["variant"] == "none"]
    others = [i for i, each in enumerate(choices) if each["variant"] != "none"]
    if not plain or not others:
        return []
    leader = max(others, key=lambda i: float(mean[i]))
    twin = twin_of(choices[leader])
    rivals = [max(plain, key=lambda i: float(mean[i])), *(i for i in plain if choices[i] == twin)]
    return [(leader, rival) for rival in dict.fromkeys(rivals)]


def _least_sure(
    mean: Floats, covariance: Floats, pairs: Sequence[tuple[int, int]]
) -> tuple[int, int]:
    """The pair whose order is known least: the smallest difference in its own deviations."""

    def sureness(pair: tuple[int, int]) -> float:
        a, b = pair
        variance = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]
        return float(abs(mean[a] - mean[b]) / np.sqrt(max(variance, _TIE)))

    return min(pairs, key=sureness)


def _surest(covariance: Floats, first: int, second: int, noise: float) -> int:
    """At which of two points a trial makes their difference the surer."""
    two = [first, second]
    gained = np.square(covariance[first, two] - covariance[second, two])
    return two[int(np.argmax(gained / (np.diag(covariance)[two] + noise)))]
