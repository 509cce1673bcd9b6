"""A Gaussian process whose covariance is a sum of components: their variances, and what follows."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from tuner.study.curves.kernel import Component
from tuner.study.curves.points import Floats

CONSTANT = 4.0
"""The variance of the mean of all values, in units of their variance."""

_JITTER = 1e-6
_STEP = 1e-3


@dataclass(frozen=True)
class Observed:
    """Covariances [components, n, n] of n values [n], and what each has of noise beside the rest's.

    `extra` [n] is a variance.
    """

    matrices: Floats
    values: Floats
    extra: Floats

    def mixed(self, variances: Floats) -> Floats:
        """The covariance [n, n] that components of these variances make together, [components]."""
        n = len(self.values)
        return np.asarray((variances @ self.matrices.reshape(-1, n * n)).reshape(n, n))


@dataclass(frozen=True)
class Posterior:
    """How likely variances of components are, given values: the logarithm of it, and its slope."""

    observed: Observed
    terms: Sequence[Component]

    def loss(self, logs: Floats) -> tuple[float, Floats]:
        """Minus the logarithm of the density at log variances [terms], and its gradient.

        Rasmussen and Williams 2006, eq. 5.9, with log-normal priors.
        """
        observed, n, variances = self.observed, len(self.observed.values), np.exp(logs)
        factor = _factor(observed.mixed(variances[:-1]), variances[-1] + observed.extra)
        inverse, _ = scipy.linalg.lapack.dpotri(factor, lower=1)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        weights = inverse @ observed.values
        gradient = inverse - np.outer(weights, weights)
        flat = observed.matrices.reshape(-1, n * n)
        of_terms = np.append(flat @ gradient.ravel(), np.trace(gradient))
        away = (logs - self.median) / self.spread
        value = 0.5 * observed.values @ weights + np.log(np.diag(factor)).sum() + 0.5 * away @ away
        return float(value), 0.5 * variances * of_terms + away / self.spread

    @property
    def median(self) -> Floats:
        """Of the logarithms beforehand, [terms]."""
        return np.log([term.median for term in self.terms])

    @property
    def spread(self) -> Floats:
        """Their standard deviations beforehand, [terms]."""
        return np.array([term.spread for term in self.terms])

    def mode(self) -> Floats:
        """The log variances of highest density, by L-BFGS."""
        ends = zip(self.median - 5 * self.spread, self.median + 4 * self.spread, strict=True)
        options = {"maxiter": 60, "ftol": 1e-5}
        found = scipy.optimize.minimize(
            self.loss, self.median, jac=True, method="L-BFGS-B", bounds=list(ends), options=options
        )
        return np.asarray(found.x)

    def draws(self, mode: Floats, n: int) -> tuple[Floats, Floats]:
        """Log variances [n, terms] about the mode, and the logarithm of how likely each is, [n].

        Importance sampling: the mean of how likely they are is how likely the values are.
        """
        slopes = [self.loss(mode + step)[1] for step in _STEP * np.eye(len(mode))]
        curvature = (np.array(slopes) - self.loss(mode)[1]) / _STEP
        values, vectors = np.linalg.eigh((curvature + curvature.T) / 2)
        widths = 1 / np.sqrt(np.clip(values, 1 / np.max(self.spread) ** 2, None))
        normal = np.random.default_rng(0).standard_normal((n // 2, len(mode)))
        normal = np.concatenate([normal, -normal])
        logs = mode + (normal * widths) @ vectors.T
        loss = np.array([self.loss(each)[0] for each in logs])
        volume = np.log(widths).sum() - np.log(self.spread).sum()
        return logs, 0.5 * np.sum(normal**2, axis=1) - loss + volume - np.log(len(logs))

    def without(self, names: Container[str]) -> "Posterior":
        """The same, had the values none of the components with these names."""
        kept = [i for i, term in enumerate(self.terms[:-1]) if term.name not in names]
        observed = replace(self.observed, matrices=self.observed.matrices[kept])
        return Posterior(observed, [*(self.terms[i] for i in kept), self.terms[-1]])


def _factor(prior: Floats, noise: Floats) -> Floats:
    """The Cholesky factor [n, n] of a covariance [n, n] with noise [n] and an unknown mean."""
    total = prior + CONSTANT
    total[np.diag_indices(len(noise))] += noise + _JITTER
    return np.asarray(scipy.linalg.cholesky(total, lower=True, check_finite=False))


@dataclass(frozen=True)
class Process:
    """The process given what was observed, with these variances of its components.

    factor: the Cholesky factor [n, n] of the values' covariance; weights: [n].
    """

    variances: Floats
    factor: Floats
    weights: Floats

    @classmethod
    def of(cls, variances: Floats, prior: Floats, values: Floats, extra: Floats) -> "Process":
        """The process of which values [n] were observed, whose components have covariance `prior`.

        extra: [n], what each has of noise beside the rest's.
        """
        factor = _factor(prior, variances[-1] + extra)
        return cls(variances, factor, scipy.linalg.cho_solve((factor, True), values))

    @property
    def noise(self) -> float:
        """The variance of a value about its mean over seeds."""
        return float(self.variances[-1])

    def mean(self, across: Floats) -> Floats:
        """The mean [m] at m points; across: covariance [n, m] between the observed and these."""
        return np.asarray((across + CONSTANT).T @ self.weights)

    def posterior(self, across: Floats, inside: Floats) -> tuple[Floats, Floats]:
        """Mean [m] and covariance [m, m] at m points.

        across: covariance between the observed points and these, [n, m]; inside: between these,
        [m, m].
        """
        cross = across + CONSTANT
        half = scipy.linalg.solve_triangular(self.factor, cross, lower=True, check_finite=False)
        return cross.T @ self.weights, inside + CONSTANT - half.T @ half
