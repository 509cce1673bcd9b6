"""What a search knows: the recommendation, how sure it is, and curves of value by rate."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from tuner.schema import Params
from tuner.study.curves.candidates import candidates, is_own, rates_of, shared_of, twin_of
from tuner.study.curves.known import Curve, Known, Recommendation, interval, known, noise_of_best
from tuner.study.curves.model import Model
from tuner.study.curves.points import Floats
from tuner.study.curves.tried import Tried
from tuner.study.results import FEWEST_TRIALS
from tuner.study.sampling_error import sampling_error

_FEWEST_TO_USE = 2
"""Complete trials of a variant that may be recommended."""

_N_SAMPLES = 4000
_N_CURVE = 41


@dataclass(frozen=True)
class Curves:
    """What is known after a search, from one model of all of its trials.

    Values are means over seeds on the study's validation rows, in the metric's units; differences
    are above 0 where they are better, in either direction of the metric. `rows` is the number of
    validation rows of an accuracy, else None: differences then allow for other rows too.
    """

    model: Model
    tried: Tried
    n_complete: dict[str, int]
    maximize: bool
    rows: int | None = None

    @cached_property
    def ranked(self) -> list[Params]:
        """The params that were tried, the best expected first; of many, a part and the best."""
        params = [*self.tried.params, *self.tried.best]
        return [params[i] for i in np.argsort(-self.model.means(params), kind="stable")]

    @property
    def too_little(self) -> tuple[str, ...]:
        """Variants with fewer than three complete trials, which are not ranked."""
        few = (name for name, n in self.n_complete.items() if n < FEWEST_TRIALS)
        return tuple(sorted(name for name in few if name != "none"))

    @cached_property
    def best_of_each(self) -> dict[str, Params]:
        """Of each variant the params of the best expectation, the best variant first."""
        found: dict[str, Params] = {}
        params = candidates(self.ranked, self.tried.axes)
        means = self.model.means(params)
        for i in np.argsort(-means, kind="stable"):
            found.setdefault(str(params[i]["variant"]), params[i])
        return found

    @cached_property
    def recommended(self) -> Params:
        """The params of the best expectation, among variants with two complete trials or more."""
        return next(each for name, each in self.best_of_each.items() if self.is_known(name))

    @cached_property
    def best_none(self) -> Params:
        """Those of the best expectation without dropout."""
        return self.best_of_each["none"]

    @cached_property
    def best_dropout(self) -> Params | None:
        """Those of the best expectation with dropout, in the same way; None where none are."""
        found = self.best_of_each.items()
        return next((each for name, each in found if name != "none" and self.is_known(name)), None)

    @property
    def recommendation(self) -> Recommendation:
        """What to use, and what to expect of it."""
        return Recommendation(self.recommended, self.value_of(self.recommended))

    def value_of(self, params: Params) -> Known:
        """What to expect of a network."""
        return known(self._samples([params])[:, 0])

    def effect_of(self, params: Params) -> Known:
        """A network against the same one without dropout."""
        return self.difference(params, twin_of(params))

    @property
    def effect(self) -> Known:
        """The recommendation against the same network without dropout."""
        return self.effect_of(self.recommended)

    @property
    def gain(self) -> Known:
        """The recommendation against the best network without dropout."""
        return self.difference(self.recommended, self.best_none)

    @cached_property
    def p_helps(self) -> float:
        """The probability that the best expected with dropout beats the best expected without."""
        return 0.0 if self.best_dropout is None else self._p(self.best_dropout)

    @property
    def p_variants(self) -> dict[str, float]:
        """The same of each variant that was tried."""
        return {name: self._p(each) for name, each in self.best_of_each.items() if name != "none"}

    @property
    def threshold(self) -> float:
        """Of the values of two trials a smaller difference is noise, in the metric's units.

        95 % of the differences between the best of as many equal trials as are complete and any
        other of them are smaller: noise of seeds, other rows, and the choice of the best.
        """
        spread = float(np.hypot(self.model.noise, self._rows_error / np.sqrt(2)))
        return noise_of_best(spread, sum(self.n_complete.values()))

    def difference(self, params: Params, other: Params) -> Known:
        """By how much one network is better than another, over seeds."""
        return known(self._differences(params, other))

    def curve(self, variant: str, shared: Params | None = None) -> Curve:
        """Value by rate of a variant, with the hyperparameters of its best expected trial.

        At the shared axes of the recommendation, unless others are given.
        """
        params, rates, mean = self._by_rate(variant, self.recommended if shared is None else shared)
        return Curve(variant, rates, mean, *interval(self._samples(params)))

    def _by_rate(self, variant: str, shared: Params) -> tuple[list[Params], Floats, Floats]:
        """The params of a curve, their rates, and the expected values."""
        first = next(each for each in self.ranked if each["variant"] == variant)
        own = {name: value for name, value in first.items() if is_own(name)}
        at = shared_of(shared)
        params: list[Params] = [
            {**own, **rate, **at}
            for rate in rates_of(variant, self.ranked, self.tried.axes, _N_CURVE)
        ]
        mean = self.model.transform.backward(self.model.means(params))
        return params, np.array([float(each["rate"]) for each in params]), mean

    def safe_rates(self, loss: float, params: Params | None = None) -> tuple[float, float] | None:
        """The rates around the peak of a network's curve that cost less than `loss`, as expected.

        Of the recommendation, unless another is given; None without dropout.
        """
        at = self.recommended if params is None else params
        if at["variant"] == "none":
            return None
        _, rates, mean = self._by_rate(str(at["variant"]), at)
        better = mean if self.maximize else -mean
        peak = int(np.argmax(better))
        costly = np.flatnonzero(better < better[peak] - loss)
        first = max((i + 1 for i in costly if i < peak), default=0)
        last = min((i - 1 for i in costly if i > peak), default=len(better) - 1)
        return float(rates[first]), float(rates[last])

    def is_known(self, variant: str) -> bool:
        """Whether two trials of a variant are complete, so that it may be recommended."""
        return variant == "none" or self.n_complete.get(variant, 0) >= _FEWEST_TO_USE

    def _p(self, params: Params) -> float:
        return float(np.mean(self._differences(params, self.best_none) > 0))

    @cached_property
    def _asked(self) -> dict[tuple[frozenset[Any], ...], Floats]:
        """Differences that are known: several things are said of one network."""
        return {}

    def _differences(self, params: Params, other: Params) -> Floats:
        asked = (frozenset(params.items()), frozenset(other.items()))
        if asked not in self._asked:
            self._asked[asked] = self._sampled(params, other)
        return self._asked[asked]

    def _sampled(self, params: Params, other: Params) -> Floats:
        values = self._samples([params, other])
        better = values[:, 0] - values[:, 1] if self.maximize else values[:, 1] - values[:, 0]
        same = params == other
        rows = np.random.default_rng(2).standard_normal(len(better)) * self._rows_error
        return better if same else better + rows

    def _samples(self, params: Sequence[Params]) -> Floats:
        return self.model.samples(params, _N_SAMPLES)

    @property
    def _rows_error(self) -> float:
        """What other rows would change in a difference of two means, as a standard error.

        As much as another seed does, at most what is binomial: two seeds of one network differ on
        rows that are not sure, and so do two networks (see docs/statistics.md).
        """
        if self.rows is None:
            return 0.0
        middle = float(np.clip(np.median(self.tried.values), 0.0, 1.0))
        return min(self.model.noise, sampling_error(middle, self.rows))
