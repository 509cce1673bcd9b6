"""The definition's space <-> trial.suggest_*: conditional on the variant."""

import math
from collections.abc import Iterator, Mapping
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
    and, among others, apart: `input_rate`. With `per_site_rate` every place has a rate of its own.
    """

    axes: Mapping[str, Axis]
    variants: tuple[str, ...]
    branches: Mapping[str, Branch]
    rate: Axis = SHARED_RATE
    input_rate: Axis | None = None
    sites: tuple[bool, ...] = ()
    per_site_rate: bool = False

    def suggest(self, trial: optuna.Trial) -> dict[str, Scalar]:
        """The params of a trial: fixed ones, those of a baseline, and those that are sampled."""
        fixed = attrs.BASELINE_PARAMS.of(trial.user_attrs)
        params: dict[str, Scalar] = {}
        for name, label, axis in self._walk(params):
            if name in fixed and not distributions.contains(axis, fixed[name]):
                params[label] = fixed[name]
            else:
                params[label] = distributions.suggest(trial, name, axis)
        return _with_mean_rate(params)

    def baseline(self, number: int) -> dict[str, Scalar]:
        """Baseline `number` by Optuna's names: every other axis in the middle."""
        wanted = BASELINES[number]
        params: dict[str, Scalar] = {}
        named: dict[str, Scalar] = {}
        for name, label, axis in self._walk(params):
            key = "rate" if label.startswith("rate.") else label
            params[label] = named[name] = wanted.get(key, distributions.middle(axis))
        return named

    def params_of(self, named: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """The params that stand for values under Optuna's names."""
        params: dict[str, Scalar] = {}
        for name, label, _ in self._walk(params):
            params[label] = named[name]
        return _with_mean_rate(params)

    def fixed(self) -> list[str]:
        """The params that have one value in all trials of a variant: not worth a word."""
        hps = {
            f"{variant}.{name}": hp.axis
            for variant, branch in self.branches.items()
            for name, hp in branch.hyperparameters.items()
        }
        return [
            name
            for name, axis in {**self.axes, **hps}.items()
            if not distributions.distribution(axis)
        ]

    def n_structures(self) -> int:
        """How many programs a search may have to compile: variants x choices of whole axes."""
        sizes = (len(axis) for axis in self.axes.values() if isinstance(axis, tuple))
        return len(self.branches) * math.prod(sizes)

    def grid(self) -> Iterator[dict[str, Scalar]]:
        """Every point of a space that consists of lists, by Optuna's names."""

        def extend(fixed: list[Scalar]) -> Iterator[dict[str, Scalar]]:
            params: dict[str, Scalar] = {}
            named: dict[str, Scalar] = {}
            given = iter(fixed)
            for name, label, axis in self._walk(params):
                value = next(given, None)
                if value is None:
                    for choice in distributions.choices(label, axis):
                        yield from extend([*fixed, choice])
                    return
                params[label] = named[name] = value
            yield named

        return extend([])

    def contains(self, named: Mapping[str, Scalar]) -> dict[str, Scalar]:
        """Those of the named values that the space itself could have sampled."""
        params: dict[str, Scalar] = {}
        inside: dict[str, Scalar] = {}
        for name, label, axis in self._walk(params):
            params[label] = named[name]
            if distributions.distribution(axis) is not None and distributions.contains(
                axis, named[name]
            ):
                inside[name] = named[name]
        return inside

    def rate_names(self) -> list[str]:
        """The name among the params of the rate at each place, in order."""
        if self.per_site_rate:
            return [f"rate.{place}" for place in range(len(self.sites))]
        apart = len(set(self.sites)) > 1
        return ["input_rate" if apart and is_input else "rate" for is_input in self.sites]

    def _rates(self, axis: Axis) -> Iterator[tuple[str, Axis]]:
        names = self.rate_names()
        apart = {
            name
            for name, is_input in zip(names, self.sites, strict=True)
            if is_input and name != "rate"
        }
        for name in dict.fromkeys(names or ["rate"]):
            yield name, self._input_axis(axis) if name in apart else axis

    def _input_axis(self, rate: Axis) -> Axis:
        if self.input_rate is None:
            low = narrow(rate, INPUT_RATE)
        else:
            values = [float(value) for value in ends(rate)]
            low = narrow(self.input_rate, Range(low=min(values), high=max(values)))
        return rate if low is None else low

    def _walk(self, params: Mapping[str, Scalar]) -> Iterator[tuple[str, str, Axis]]:
        """(Optuna's name, params' name, axis) in order; reads what was chosen from `params`."""
        yield "variant", "variant", self.variants
        variant = str(params["variant"])
        yield from self._hyperparameters(variant, params, only=("base",))
        base = str(params.get(f"{variant}.base", variant))
        rated = variant if self.branches[variant].rate is not None else base
        rate = self.branches[rated].rate
        if rate is None:
            yield f"{rated}.rate", "rate", 0.0
        else:
            prefix = f"{rated}." if rate != self.rate else ""
            shared = [("rate", rate)]
            for label, axis in shared if self.branches[rated].one_rate else self._rates(rate):
                yield f"{prefix}{label}", label, axis
        for name, axis in self.axes.items():
            yield name, name, axis
        for owner in dict.fromkeys((variant, base)):
            yield from self._hyperparameters(owner, params)

    def _hyperparameters(
        self, owner: str, params: Mapping[str, Scalar], only: tuple[str, ...] = ()
    ) -> Iterator[tuple[str, str, Axis]]:
        for name, hp in self.branches[owner].hyperparameters.items():
            label = f"{owner}.{name}"
            wanted = name in only if only else label not in params
            if wanted and (hp.when is None or params.get(f"{owner}.{hp.when[0]}") in hp.when[1]):
                yield label, label, hp.axis


def _with_mean_rate(params: dict[str, Scalar]) -> dict[str, Scalar]:
    """With a rate for each place, `rate` is their mean."""
    rates = [float(value) for name, value in params.items() if name.startswith("rate.")]
    return params | {"rate": math.fsum(rates) / len(rates)} if rates else params


def narrow(axis: Axis, allowed: Range) -> Axis | None:
    """The part of a shared rate axis that a variant's own range allows, or None."""
    if isinstance(axis, Range):
        low, high = max(axis.low, allowed.low), min(axis.high, allowed.high)
        if low <= high:
            same = (low, high) == (axis.low, axis.high)
            return axis if same else axis.model_copy(update={"low": low, "high": high})
    else:
        values = axis if isinstance(axis, tuple) else (axis,)
        inside = tuple(v for v in values if allowed.low <= float(v) <= allowed.high)
        if inside:
            return inside if isinstance(axis, tuple) else axis
    return None
