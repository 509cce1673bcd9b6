"""What is searched of each variant: its own rate and hyperparameters, under those given."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tuner.data.spec import Task
from tuner.dropout.variant import Site, Variant
from tuner.errors import UsageError, unknown
from tuner.schema import Axis, Hyperparameter, ends
from tuner.study.definition import StudyDefinition
from tuner.study.distributions import narrow
from tuner.study.search_space import BASELINE_VARIANTS, Branch


def bases_of(variant: Variant, definition: StudyDefinition) -> tuple[str, ...]:
    """The variants that one over a base may stand over here."""
    if variant.over is None:
        return ()
    given = definition.space.hyperparameters.get(variant.name, {})
    return tuple(map(str, ends(given.get("base", variant.hyperparameters["base"].axis))))


def branches_of(
    definition: StudyDefinition,
    shared: Axis | None,
    variants: Mapping[str, Variant],
    chosen: tuple[str, ...],
    task: Task,
) -> dict[str, Branch]:
    """The branch of each chosen variant, of the baselines and of the bases that others stand over.

    `shared` is the axis of the rate that all have, where one is given.
    """
    bases = (base for name in chosen for base in bases_of(variants[name], definition))
    of_density = definition.metric == "nll" and task == "regression"
    branches = {}
    for name in dict.fromkeys((*chosen, *BASELINE_VARIANTS, *bases)):
        if name in variants:  # an unknown base is refused with the hyperparameters of its variant
            given = definition.space.hyperparameters.get(name, {})
            given = _of_density(variants[name]) | given if of_density else given
            branches[name] = _branch(variants[name], given, shared, searched=name in chosen)
    return branches


def _branch(
    variant: Variant, given: Mapping[str, Axis], shared: Axis | None, *, searched: bool
) -> Branch:
    name = variant.name
    if searched and shared is not None and variant.rate_of is not None and not given:
        raise UsageError(
            f"space.rate: the rate of variant {name!r} follows from its hyperparameters: leave"
            f" {name!r} out, or give [space.{name}] {' or '.join(variant.hyperparameters)}"
        )
    hps = dict(given)
    own = None if variant.rate is None else hps.pop("rate", None)
    if own is None and variant.over is None:
        own = _rate(variant, shared, searched=searched)
    return Branch(own, _hyperparameters(variant, hps), one_rate=variant.one_rate)


def _of_density(variant: Variant) -> dict[str, Axis]:
    """What is searched where the density of targets is the metric."""
    hps = variant.hyperparameters
    return {name: hp.of_density for name, hp in hps.items() if hp.of_density is not None}


def check_values(
    variant: Variant, found: Sequence[Site], branch: Branch, bases: Sequence[Branch]
) -> None:
    """Refuse values that the variant does: put it at every site with each end of each axis."""
    axes = {name: hp.axis for name, hp in branch.hyperparameters.items()}
    axes["rate"] = 0.1 if branch.rate is None else branch.rate
    of_bases = {name: hp.axis for base in bases for name, hp in base.hyperparameters.items()}
    first = {"n_train": 1, "n_steps": 1, "task": "classification"} | {
        name: ends(axis)[0] for name, axis in (of_bases | axes).items()
    }
    for name, axis in axes.items():
        for site, value in itertools.product(found, ends(axis)):
            values = first | {name: value}
            try:
                variant.given(values).at(site, values)
            except ValueError as error:
                raise UsageError(f"space.{variant.name}: {error}") from None


def _rate(variant: Variant, shared: Axis | None, *, searched: bool) -> Axis | None:
    if variant.rate is None or shared is None or not searched:
        return variant.rate
    narrowed = narrow(shared, variant.rate)
    if narrowed is None:
        raise UsageError(
            f"space.rate leaves nothing for variant {variant.name!r}, which searches"
            f" {variant.rate.low} to {variant.rate.high}: leave {variant.name!r} out, or give"
            f" [space.{variant.name}] rate"
        )
    return narrowed


def _hyperparameters(variant: Variant, given: Mapping[str, Axis]) -> dict[str, Any]:
    valid = {*variant.hyperparameters} | (set() if variant.rate is None else {"rate"})
    for name in given:
        if name not in variant.hyperparameters:
            raise UsageError(f"[space.{variant.name}]: {unknown('hyperparameter', name, valid)}")
    hps = {}
    for name, hp in variant.hyperparameters.items():
        axis = given.get(name, hp.axis)
        _check_inside(f"space.{variant.name}.{name}", axis, hp)
        hps[name] = replace(hp, axis=axis)
    return hps


def _check_inside(key: str, axis: Axis, hp: Hyperparameter) -> None:
    """Names must be among the hyperparameter's own; numbers may be others, not become names."""
    choices = hp.choices or ends(hp.axis)
    is_number = not any(isinstance(choice, str | bool) for choice in choices)
    for value in ends(axis):
        if is_number and isinstance(value, str | bool):
            raise UsageError(f"{key}: expected a number, got {value!r}")
        if not is_number and value not in choices:
            raise UsageError(f"{key}: {unknown('choice', str(value), map(str, choices))}")
