"""A Gaussian process whose covariance is a sum of components: their variances, and what follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from tuner.study.curves.kernel import Component
from tuner.study.curves.points import Floats

CONSTANT = 4.0
"""The variance of the mean of all values, in units of their variance."""

_MOST_FITTED = 250
_JITTER = 1e-6


@dataclass(frozen=True)
class Observed:
    """Covariances [components, n, n] of n values [n], and what each has of noise beside the rest's.

    `extra` [n] is a variance.
    """

    matrices: Floats
    values: Floats
    extra: Floats

    def some(self, rows: Floats) -> "Observed":
        """Of some of the values, by their numbers."""
        inside = self.matrices[:, rows][:, :, rows]
        return Observed(inside, self.values[rows], self.extra[rows])


def fit_variances(observed: Observed, terms: Sequence[Component]) -> Floats:
    """The variance of each component, the noise's last, where posterior density is highest.

    L-BFGS on the logarithms with analytic gradients (Rasmussen and Williams 2006, eq. 5.9), on at
    most 250 of the values.
    """
    n = len(observed.values)
    if n > _MOST_FITTED:
        observed = observed.some(np.linspace(0, n - 1, _MOST_FITTED).astype(int))
    return np.exp(_search(observed, terms))


def _search(observed: Observed, terms: Sequence[Component]) -> Floats:
    n = len(observed.values)
    median = np.log([term.median for term in terms])
    spread = np.array([term.spread for term in terms])
    flat = observed.matrices.reshape(len(observed.matrices), n * n)

    def loss(logs: Floats) -> tuple[float, Floats]:
        variances = np.exp(logs)
        total = (variances[:-1] @ flat).reshape(n, n)
        total += CONSTANT
        total[np.diag_indices(n)] += variances[-1] + observed.extra + _JITTER
        factor = linalg.cholesky(total, lower=True, check_finite=False)
        inverse, _ = linalg.lapack.dpotri(factor, lower=1)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        weights = inverse @ observed.values
        gradient = inverse - np.outer(weights, weights)
        of_terms = np.append(flat @ gradient.ravel(), np.trace(gradient))
        away = (logs - median) / spread
        value = 0.5 * observed.values @ weights + np.log(np.diag(factor)).sum() + 0.5 * away @ away
        return float(value), 0.5 * variances * of_terms + away / spread

    bounds = list(zip(median - 5 * spread, median + 4 * spread, strict=True))
    options = {"maxiter": 60, "ftol": 1e-5}
    found = optimize.minimize(
        loss, median, jac=True, method="L-BFGS-B", bounds=bounds, options=options
    )
    return np.asarray(found.x)


@dataclass(frozen=True)
class Process:
    """The process given what was observed, with these variances of its components.

    factor: the Cholesky factor [n, n] of the values' covariance; weights: [n].
    """

    variances: Floats
    factor: Floats
    weights: Floats

    @classmethod
    def of(cls, observed: Observed, variances: Floats) -> "Process":
        """The process that has been observed."""
        n = len(observed.values)
        total = np.tensordot(variances[:-1], observed.matrices, 1) + CONSTANT
        total[np.diag_indices(n)] += variances[-1] + observed.extra + _JITTER
        factor = linalg.cholesky(total, lower=True, check_finite=False)
        return cls(variances, factor, linalg.cho_solve((factor, True), observed.values))

    @property
    def noise(self) -> float:
        """The variance of a value about its mean over seeds."""
        return float(self.variances[-1])

    def prior(self, matrices: Floats) -> Floats:
        """The covariance of components before anything is observed."""
        return np.asarray(np.tensordot(self.variances[:-1], matrices, 1) + CONSTANT)

    def posterior(self, across: Floats, inside: Floats) -> tuple[Floats, Floats]:
        """Mean [m] and covariance [m, m] at m points.

        across: components between the observed points and these, [components, n, m]; inside:
        between these, [components, m, m].
        """
        cross = self.prior(across)
        half = linalg.solve_triangular(self.factor, cross, lower=True, check_finite=False)
        return cross.T @ self.weights, self.prior(inside) - half.T @ half
