"""The model of a study's values: fitted to what was tried, asked about any params."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tuner.schema import Params
from tuner.study.curves.gp import Observed, Posterior, Process
from tuner.study.curves.kernel import SHARED, components, covariance, matrices
from tuner.study.curves.points import Encoder, Floats, Points
from tuner.study.curves.threads import in_one_thread
from tuner.study.curves.tried import Tried, spread
from tuner.study.curves.values import Transform

LITTLE = 0.5
"""What next to nothing is: the spread of what dropout does, in units of that of a seed's noise."""

MOST_FITTED = 250
"""Values, spread over all, that are enough for the variances."""

_AT_ONCE = 512
"""Points, or up to twice as many, whose covariances with all trials are in memory together."""


@dataclass(frozen=True)
class Model:
    """What is known of a study's values after its trials: a Gaussian process over params.

    `process` has the likeliest variances of components. `others` have some that are likely too, and
    some for which dropout does next to nothing, each with how likely it is.
    """

    encoder: Encoder
    transform: Transform
    points: Points
    process: Process
    others: tuple[tuple[float, Process], ...] = ()

    @classmethod
    @in_one_thread
    def fit(
        cls,
        tried: Tried,
        choices: Sequence[Params] = (),
        n_others: int = 0,
        *,
        most_fitted: int = MOST_FITTED,
    ) -> "Model":
        """The model of the variances that suit the trials best, and of twice `n_others` besides.

        Of many trials 800 are modelled, and `most_fitted` have a say in the variances.
        It can be asked about values of the axes that were tried, or that are among `choices`.
        """
        encoder = Encoder.of([*tried.params, *choices], tried.axes)
        tried = tried.few()
        points = encoder.points(tried.params)
        modelled = tried.transform.forward(tried.values)
        rows = np.array(spread(range(len(points)), most_fitted))
        few = points.take(rows)
        observed = Observed(matrices(encoder, few, few), modelled[rows], tried.extra[rows])
        posterior = Posterior(observed, [*components(encoder), tried.noise])
        mode = posterior.mode()
        prior = covariance(encoder, points, points, np.exp(mode[:-1]))
        found = Process.of(np.exp(mode), prior, modelled, tried.extra)
        if not n_others:
            return cls(encoder, tried.transform, points, found)
        variances, likely = _likely(posterior, mode, n_others, encoder)
        every = matrices(encoder, points, points)
        others = [
            (p, Process.of(each, np.tensordot(each[:-1], every, 1), modelled, tried.extra))
            for p, each in zip(likely, variances, strict=True)
        ]
        return cls(encoder, tried.transform, points, found, tuple(others))

    @property
    def noise(self) -> float:
        """The standard deviation of a trial's value over seeds, in the metric's units."""
        return float(np.sqrt(self.process.noise) * self.transform.scale)

    @property
    def variances(self) -> dict[str, float]:
        """The variance of each component by name, in units of the values' variance."""
        names = [term.name for term in components(self.encoder)]
        return dict(zip([*names, "noise"], self.process.variances.tolist(), strict=True))

    @in_one_thread
    def means(self, params: Sequence[Params]) -> Floats:
        """The expected values [m] of the numbers that are modelled, higher is better."""
        points = self.encoder.points(params)
        ends = range(_AT_ONCE, len(points) - _AT_ONCE + 1, _AT_ONCE)
        places = np.split(np.arange(len(points)), ends)
        return np.concatenate([self._means(points.take(each)) for each in places])

    def _means(self, points: Points) -> Floats:
        across = matrices(self.encoder, self.points, points)
        means = [
            p * each.mean(np.tensordot(each.variances[:-1], across, 1))
            for p, each in self._processes
        ]
        return np.asarray(np.sum(means, axis=0))

    @in_one_thread
    def joint(self, params: Sequence[Params]) -> tuple[Floats, Floats]:
        """Their mean [m] and covariance [m, m], with the likeliest variances of components."""
        points, variances = self.encoder.points(params), self.process.variances[:-1]
        across = covariance(self.encoder, self.points, points, variances)
        return self.process.posterior(across, covariance(self.encoder, points, points, variances))

    @in_one_thread
    def samples(self, params: Sequence[Params], n: int, seed: int = 0) -> Floats:
        """Means over seeds [n, m] that are as likely, in the metric's units."""
        generator, points = np.random.default_rng(seed), self.encoder.points(params)
        across = matrices(self.encoder, self.points, points)
        inside = matrices(self.encoder, points, points)
        counts = np.diff(
            np.round(np.cumsum([0.0, *(p for p, _ in self._processes)]) * n).astype(int)
        )
        drawn = []
        for count, (_, process) in zip(counts, self._processes, strict=True):
            if count:
                variances = process.variances[:-1]
                mean, about = process.posterior(
                    np.tensordot(variances, across, 1), np.tensordot(variances, inside, 1)
                )
                normal = generator.standard_normal((count, len(mean)))
                drawn.append(mean + normal @ root(about).T)
        return self.transform.backward(np.concatenate(drawn))

    @property
    def _processes(self) -> Sequence[tuple[float, Process]]:
        return self.others or ((1.0, self.process),)


def _likely(
    posterior: Posterior, mode: Floats, n: int, encoder: Encoder
) -> tuple[Floats, list[float]]:
    """Variances of all components, [2 n, terms], and how likely each of them is.

    For half of them dropout does next to nothing. Both are as likely beforehand; the values tell.
    """
    logs, likely = posterior.draws(mode, n)
    names = [term.name for term in posterior.terms]
    nothing = posterior.without(set(names) - {*encoder.shared, SHARED, "noise"})
    fewer, as_likely = nothing.draws(nothing.mode(), n)
    kept = [names.index(term.name) for term in nothing.terms]
    little = LITTLE**2 * np.exp(fewer[:, -1:]) / (len(names) - len(kept))
    padded = np.repeat(little, len(names), axis=1)
    padded[:, kept] = np.exp(fewer)
    all_likely = np.append(likely, as_likely)
    weights = np.exp(all_likely - all_likely.max())
    return np.vstack([np.exp(logs), padded]), (weights / weights.sum()).tolist()


def root(covariance: Floats) -> Floats:
    """A square root of a covariance that may be singular: points may be equal."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.clip(values, 0.0, None)))
