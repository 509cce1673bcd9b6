"""The definition's space <-> trial.suggest_*: conditional on the variant."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import optuna

from tuner.schema import Axis, Hyperparameter, Scalar
from tuner.study import attrs, distributions
from tuner.study.rates import SHARED_RATE, Places, is_of_a_kind, with_mean_rate

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

    `sites` are those of dropout in order; True stands for one at the input, whose rates stay low
    and, among others, apart: `input_rate`. Their `kinds` are those of `tuner.schema.KINDS`, hidden
    units where none are given: each other kind has a rate of its own, `rate.<kind>`, of which
    `kind_rates` may say the axis. With `per_site_rate` every place has its own rate. A user's own
    model came with `written_rates`.
    """

    axes: Mapping[str, Axis]
    variants: tuple[str, ...]
    branches: Mapping[str, Branch]
    rate: Axis = SHARED_RATE
    input_rate: Axis | None = None
    sites: tuple[bool, ...] = ()
    kinds: tuple[str, ...] = ()
    kind_rates: Mapping[str, Axis] = field(default_factory=dict)
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
            is_place = label.startswith("rate.") and not is_of_a_kind(label)
            key = "rate" if is_place else label
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
        return self._places().names()

    def _places(self) -> Places:
        given = dict(self.kind_rates)
        if self.input_rate is not None:
            given["input_rate"] = self.input_rate
        return Places(self.sites, self.kinds, self.per_site_rate, given)

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
        return with_mean_rate(params)

    def _rate_axes(self, owner: str) -> Iterator[tuple[str, str, Axis]]:
        """(Optuna's name, params' name, axis) of the rates where they are those of a variant."""
        branch = self.branches[owner]
        if branch.rate is None:
            yield f"{owner}.rate", "rate", 0.0
            return
        places = self._places()
        if branch.one_rate or not self.sites:
            places = Places((False,))
        for label, axis in places.axes(branch.rate):
            is_shared = branch.rate == self.rate or is_of_a_kind(label)
            yield label if is_shared else f"{owner}.{label}", label, axis

    def _choose_hyperparameters(
        self, owner: str, params: dict[str, Scalar], choose: Choose, only: tuple[str, ...] = ()
    ) -> None:
        for name, hp in self.branches[owner].hyperparameters.items():
            label = f"{owner}.{name}"
            wanted = name in only if only else label not in params
            if wanted and (hp.when is None or params.get(f"{owner}.{hp.when[0]}") in hp.when[1]):
                params[label] = choose(label, label, hp.axis)
