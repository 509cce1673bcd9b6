"""The model of a study's values: fitted to what was tried, asked about any params."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tuner.schema import Axis, Params
from tuner.study.curves.gp import Observed, Process, fit_variances
from tuner.study.curves.kernel import Component, components, matrices
from tuner.study.curves.points import Encoder, Floats, Points
from tuner.study.curves.values import Transform

NOISE = Component("noise", 0.2)


@dataclass(frozen=True)
class Tried:
    """Trials to learn from, n of them.

    values: [n], in the metric's units. extra: [n], variances of values that are not measured but
    extrapolated, in units of `transform`. `axes` are what was drawn from, by Optuna's names.
    """

    params: Sequence[Params]
    values: Floats
    transform: Transform
    extra: Floats
    axes: Mapping[str, Axis]
    noise: Component = NOISE

    @classmethod
    def of(
        cls,
        params: Sequence[Params],
        values: Sequence[float],
        *,
        maximize: bool,
        axes: Mapping[str, Axis] | None = None,
    ) -> "Tried":
        """Complete trials of which nothing else is known."""
        found = np.asarray(values, float)
        without = found[[each["variant"] == "none" for each in params]]
        transform = Transform.of(found, without, maximize=maximize)
        return cls(params, found, transform, np.zeros(len(found)), axes or {})


@dataclass(frozen=True)
class Model:
    """What is known of a study's values after its trials: a Gaussian process over params."""

    encoder: Encoder
    transform: Transform
    points: Points
    process: Process

    @classmethod
    def fit(cls, tried: Tried, others: Sequence[Params] = ()) -> "Model":
        """The model whose variances of components suit the trials best.

        It can be asked about values of the axes that were tried, or that are among `others`.
        """
        encoder = Encoder.of([*tried.params, *others], tried.axes)
        points = encoder.points(tried.params)
        modelled = tried.transform.forward(tried.values)
        observed = Observed(matrices(encoder, points, points), modelled, tried.extra)
        variances = fit_variances(observed, [*components(encoder), tried.noise])
        return cls(encoder, tried.transform, points, Process.of(observed, variances))

    @property
    def noise(self) -> float:
        """The standard deviation of a trial's value over seeds, in the metric's units."""
        return float(np.sqrt(self.process.noise) * self.transform.scale)

    @property
    def variances(self) -> dict[str, float]:
        """The variance of each component by name, in units of the values' variance."""
        names = [term.name for term in components(self.encoder)]
        return dict(zip([*names, "noise"], self.process.variances.tolist(), strict=True))

    def means(self, params: Sequence[Params]) -> Floats:
        """The expected values [m] of the numbers that are modelled, higher is better."""
        across = matrices(self.encoder, self.points, self.encoder.points(params))
        return np.asarray(self.process.prior(across).T @ self.process.weights)

    def joint(self, params: Sequence[Params]) -> tuple[Floats, Floats]:
        """Their mean [m] and covariance [m, m]."""
        points = self.encoder.points(params)
        return self.process.posterior(
            matrices(self.encoder, self.points, points), matrices(self.encoder, points, points)
        )

    def samples(self, params: Sequence[Params], n: int, seed: int = 0) -> Floats:
        """Values over seeds' mean [n, m] that are as likely, in the metric's units."""
        mean, covariance = self.joint(params)
        drawn = np.random.default_rng(seed).standard_normal((n, len(mean)))
        return self.transform.backward(mean + drawn @ root(covariance).T)


def root(covariance: Floats) -> Floats:
    """A square root of a covariance that may be singular: points may be equal."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))
