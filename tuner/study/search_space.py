"""The definition's space <-> trial.suggest_*: conditional on the variant."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import optuna

from tuner.schema import Axis, Hyperparameter, Range, Scalar, ends
from tuner.study import attrs, distributions

SHARED_RATE = Range(low=0.0, high=0.8)
INPUT_RATE = Range(low=0.0, high=0.3)
BASELINES: tuple[dict[str, Scalar], ...] = (
    {"variant": "none"},
    {"variant": "standard", "rate": 0.5},
)
BASELINE_VARIANTS = tuple(str(baseline["variant"]) for baseline in BASELINES)
Choose = Callable[[str, str, Axis], Scalar]
"""Optuna's name, the name among the params, axis -> a value."""


@dataclass(frozen=True)
class Branch:
    """What is searched where one variant is chosen: its rate and hyperparameters.

    A variant over a base has a hyperparameter `base`, reads the hyperparameters of that one too,
    and where its own rate is None, its rate. Without a base, None says that the rate is not
    sampled. With `one_rate` all places share it, whatever the space says.
    """

    rate: Axis | None
    hyperparameters: Mapping[str, Hyperparameter]
    one_rate: bool = False


@dataclass(frozen=True)
class SearchSpace:
    """Shared axes, the variants to choose from, and a branch for each (baselines included).

    `sites` are the dropout places in order; True stands for one at the input, whose rates stay low
    and, among others, apart: `input_rate`. With `per_site_rate` every place has its own rate. A
    user's own model came with `written_rates`.
    """

    axes: Mapping[str, Axis]
    variants: tuple[str, ...]
    branches: Mapping[str, Branch]
    rate: Axis = SHARED_RATE
    input_rate: Axis | None = None
    sites: tuple[bool, ...] = ()
    written_rates: tuple[float, ...] = ()
    per_site_rate: bool = False

    def suggest(self, trial: optuna.Trial) -> dict[str, Scalar]:
        """The params of a trial: fixed ones, those of a baseline, and those that are sampled."""
        fixed = attrs.BASELINE_PARAMS.of(trial.user_attrs)

        def choose(name: str, _label: str, axis: Axis) -> Scalar:
            if name in fixed and not distributions.contains(axis, fixed[name]):
                return fixed[name]
            return distributions.suggest(trial, name, axis)

        return self.walk(choose)

    def baseline(self, number: int) -> dict[str, Scalar]:
        """Baseline `number` by Optuna's names: every other axis in the middle."""
        wanted = BASELINES[number]
        named: dict[str, Scalar] = {}

        def choose(name: str, label: str, axis: Axis) -> Scalar:
            key = "rate" if label.startswith("rate.") else label
            named[name] = wanted.get(key, distributions.middle(axis))
            return named[name]

        self.walk(choose)
        return named

    def params_of(self, named: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The params that stand for values under Optuna's names."""
        return self.walk(lambda name, label, axis: named[name])

    def fixed(self) -> list[str]:
        """The params that have one value in all trials of a variant: not worth a word."""
        hps = {
            f"{variant}.{name}": hp.axis
            for variant, branch in self.branches.items()
            for name, hp in branch.hyperparameters.items()
        }
        axes = {**self.axes, **hps}
        return [name for name, axis in axes.items() if distributions.distribution(axis) is None]

    def n_structures(self) -> int:
        """How many programs a search may have to compile: variants x choices of whole axes."""
        sizes = (len(axis) for axis in self.axes.values() if isinstance(axis, tuple))
        return len(self.branches) * math.prod(sizes)

    def grid(self) -> Iterator[dict[str, Scalar]]:
        """Every point of a space that consists of lists, by Optuna's names."""
        places: list[int] = []
        while True:
            named, sizes = self._point(places)
            yield named
            places += [0] * (len(sizes) - len(places))
            while places and places[-1] + 1 == sizes[len(places) - 1]:
                places.pop()
            if not places:
                return
            places[-1] += 1

    def _point(self, places: Sequence[int]) -> tuple[dict[str, Scalar], list[int]]:
        """The point with the choices at `places`, then the first ones; of how many each is."""
        named: dict[str, Scalar] = {}
        sizes: list[int] = []

        def choose(name: str, label: str, axis: Axis) -> Scalar:
            found = distributions.choices(label, axis)
            named[name] = found[places[len(sizes)] if len(sizes) < len(places) else 0]
            sizes.append(len(found))
            return named[name]

        self.walk(choose)
        return named, sizes

    def contains(self, named: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Those of the named values that the space itself could have sampled."""
        inside: dict[str, Scalar] = {}

        def choose(name: str, _label: str, axis: Axis) -> Scalar:
            value = named[name]
            is_sampled = distributions.distribution(axis) is not None
            if is_sampled and distributions.contains(axis, value):
                inside[name] = value
            return value

        self.walk(choose)
        return inside

    def rate_names(self) -> list[str]:
        """The name among the params of the rate at each place, in order."""
        if self.per_site_rate:
            return [f"rate.{place}" for place in range(len(self.sites))]
        apart = len(set(self.sites)) > 1
        return ["input_rate" if apart and is_input else "rate" for is_input in self.sites]

    def _input_rate_names(self) -> set[str]:
        """Of the rates, those that stay low."""
        named = zip(self.rate_names(), self.sites, strict=True)
        return {name for name, is_input in named if is_input and name != "rate"}

    def _input_axis(self, rate: Axis) -> Axis:
        if self.input_rate is None:
            low = distributions.narrow(rate, INPUT_RATE)
        else:
            values = [float(value) for value in ends(rate)]
            low = distributions.narrow(self.input_rate, Range(low=min(values), high=max(values)))
        return rate if low is None else low

    def walk(self, choose: Choose) -> dict[str, Scalar]:
        """The params of a trial, chosen in order: what is asked for depends on what was chosen."""
        params: dict[str, Scalar] = {"variant": choose("variant", "variant", self.variants)}
        variant = str(params["variant"])
        self._choose_hyperparameters(variant, params, choose, only=("base",))
        base = str(params.get(f"{variant}.base", variant))
        rated = variant if self.branches[variant].rate is not None else base
        for name, label, axis in self._rate_axes(rated):
            params[label] = choose(name, label, axis)
        for name, axis in self.axes.items():
            params[name] = choose(name, name, axis)
        for owner in dict.fromkeys((variant, base)):
            self._choose_hyperparameters(owner, params, choose)
        return _with_mean_rate(params)

    def _rate_axes(self, owner: str) -> Iterator[tuple[str, str, Axis]]:
        """(Optuna's name, params' name, axis) of the rates where they are those of a variant."""
        branch = self.branches[owner]
        if branch.rate is None:
            yield f"{owner}.rate", "rate", 0.0
            return
        prefix = f"{owner}." if branch.rate != self.rate else ""
        labels = ["rate"] if branch.one_rate else self.rate_names() or ["rate"]
        apart = self._input_rate_names()
        for label in dict.fromkeys(labels):
            axis = self._input_axis(branch.rate) if label in apart else branch.rate
            yield f"{prefix}{label}", label, axis

    def _choose_hyperparameters(
        self, owner: str, params: dict[str, Scalar], choose: Choose, only: tuple[str, ...] = ()
    ) -> None:
        for name, hp in self.branches[owner].hyperparameters.items():
            label = f"{owner}.{name}"
            wanted = name in only if only else label not in params
            if wanted and (hp.when is None or params.get(f"{owner}.{hp.when[0]}") in hp.when[1]):
                params[label] = choose(label, label, hp.axis)


def _with_mean_rate(params: dict[str, Scalar]) -> dict[str, Scalar]:
    """With a rate for each place, `rate` is their mean."""
    rates = [float(value) for name, value in params.items() if name.startswith("rate.")]
    return params | {"rate": math.fsum(rates) / len(rates)} if rates else params
