"""Complete a definition against its data and model: metric, fitting variants, search space."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tuner import importer, sites, training
from tuner.data.dataset import Development
from tuner.definition import DEFAULT_METRIC, METRICS, StudyDefinition, Training
from tuner.errors import UsageError, unknown
from tuner.models.opening import Build, Reads, build_model, default_axes, open_model
from tuner.search_space import BASELINE_VARIANTS, Branch, SearchSpace, narrow
from tuner.space import DEFAULT_AXES, Axis, Range, Scalar
from tuner.spec import Spec
from tuner.variants import VARIANTS
from tuner.variants._contract import Knob, Site, Variant

TRAINED = ("batch_size", "optimizer", "learning_rate")
"""Settings of the training that an axis of the space may search."""


@dataclass(frozen=True)
class Resolved:
    """A definition with nothing left open, and what it stands for."""

    definition: StudyDefinition
    space: SearchSpace
    build: Build
    variants: Mapping[str, Variant]


def resolve(definition: StudyDefinition, development: Development) -> Resolved:
    """Choose metric and variants, and check that all axes and knobs are read by something.

    Raises UsageError where a name is unknown, a variant does not fit the model, or nothing reads
    an axis.
    """
    metric = _metric(definition, development.spec)
    build = open_model(definition.model)
    axes = default_axes(build) | definition.space.axes
    params = Reads({name: _all(axis)[-1] for name, axis in axes.items()})
    model = build_model(build, params, development.spec, definition.model)
    found = sites.find_sites(model)
    _refuse_unread(definition, params.read)
    read = {*params.read, *TRAINED, "rate"}
    axes = {name: axis for name, axis in axes.items() if name in read}
    variants = {name: importer.load(reference) for name, reference in VARIANTS.items()}
    chosen = definition.space.variant or tuple(
        name for name, variant in variants.items() if _fits(variant, found, definition)
    )
    for name in chosen:
        reason = variants[name].misfit(found)
        if reason:
            raise UsageError(f"variant {name!r} does not fit model {definition.model!r}: {reason}")
    for name in TRAINED:
        for choice in _all(axes.get(name, getattr(definition.training, name))):
            check_training(name, choice)
    space = _space(definition, axes, variants, chosen)
    if definition.space.per_site_rate:
        space = replace(space, sites=tuple(site.is_input for site in found))
    for name in filter(definition.space.knobs.get, chosen):
        _check_values(variants[name], found, space.branches[name])
    filled = definition.model_copy(
        update={
            "metric": metric,
            "task": development.spec.task,
            "space": definition.space.model_copy(update={"variant": chosen, "axes": axes}),
        }
    )
    return Resolved(filled, space, build, variants)


def check_training(name: str, value: Scalar) -> None:
    """Refuse a searched value that the training could not use."""
    if name == "optimizer":
        training.make_optimizer(str(value))
    try:
        Training.model_validate({name: value})
    except ValueError:
        raise UsageError(f"space.{name}: {value!r} is no {name} to train with") from None


def _fits(variant: Variant, found: Sequence[Site], definition: StudyDefinition) -> bool:
    """Whether a variant that nobody named is searched: it fits the model and the shared rates."""
    shared = definition.space.axes.get("rate")
    if variant.misfit(found) is not None:
        return False
    given = definition.space.knobs.get(variant.name, {})
    if shared is None or "rate" in given:
        return True
    if variant.rate is None:
        return variant.rate_of is None or bool(given)
    return narrow(shared, variant.rate) is not None


def _metric(definition: StudyDefinition, spec: Spec) -> str:
    metric = definition.metric or DEFAULT_METRIC[spec.task]
    if METRICS[metric].task != spec.task:
        fitting = [name for name, m in METRICS.items() if m.task == spec.task]
        raise UsageError(
            f"metric {metric!r} is for {METRICS[metric].task}, the targets of {definition.data!r}"
            f" make it a {spec.task} ({', '.join(fitting)})"
        )
    return metric


def _refuse_unread(definition: StudyDefinition, read: set[str]) -> None:
    """An axis that nothing reads is a slip, unless it is a usual one that this model ignores."""
    for name in definition.space.axes:
        if name not in read and name not in (*TRAINED, "rate", *DEFAULT_AXES):
            raise UsageError(
                f"space.{name}: nothing reads it;"
                f" {unknown('axis', name, {*read, *TRAINED, 'rate'})}"
            )


def _space(
    definition: StudyDefinition,
    axes: Mapping[str, Axis],
    variants: Mapping[str, Variant],
    chosen: tuple[str, ...],
) -> SearchSpace:
    shared = axes.get("rate")
    branches = {}
    for name in dict.fromkeys((*chosen, *BASELINE_VARIANTS)):
        variant, given = variants[name], dict(definition.space.knobs.get(name, {}))
        if name in chosen and shared is not None and variant.rate_of is not None and not given:
            raise UsageError(
                f"space.rate: the rate of variant {name!r} follows from its knobs: leave {name!r}"
                f" out, or give [space.{name}] {' or '.join(variant.knobs)}"
            )
        own = None if variant.rate is None else given.pop("rate", None)
        rate = _rate(variant, shared, searched=name in chosen) if own is None else own
        branches[name] = Branch(rate, _knobs(variant, given))
    rest = {name: axis for name, axis in axes.items() if name != "rate"}
    default = SearchSpace.rate
    return SearchSpace(rest, chosen, branches, default if shared is None else shared)


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


def _knobs(variant: Variant, given: Mapping[str, Axis]) -> dict[str, Any]:
    valid = {*variant.knobs} | (set() if variant.rate is None else {"rate"})
    for name in given:
        if name not in variant.knobs:
            raise UsageError(f"[space.{variant.name}]: {unknown('knob', name, valid)}")
    knobs = {}
    for name, knob in variant.knobs.items():
        axis = given.get(name, knob.axis)
        _check_inside(f"space.{variant.name}.{name}", axis, knob)
        knobs[name] = replace(knob, axis=axis)
    return knobs


def _check_values(variant: Variant, found: Sequence[Site], branch: Branch) -> None:
    """Put the variant at every site with each end or choice of its rate and knobs, to refuse it."""
    axes = {name: knob.axis for name, knob in branch.knobs.items()}
    axes["rate"] = 0.0 if branch.rate is None else branch.rate
    first = {"n_train": 1} | {name: _all(axis)[0] for name, axis in axes.items()}
    for name, axis in axes.items():
        for site, value in itertools.product(found, _all(axis)):
            try:
                variant.at(site, first | {name: value})
            except ValueError as error:
                raise UsageError(f"space.{variant.name}: {error}") from None


def _check_inside(key: str, axis: Axis, knob: Knob) -> None:
    """Names must be among the knob's own; numbers may be others, but not become names."""
    choices = knob.choices or _all(knob.axis)
    is_number = not any(isinstance(choice, str | bool) for choice in choices)
    for value in _all(axis):
        if is_number and isinstance(value, str | bool):
            raise UsageError(f"{key}: expected a number, got {value!r}")
        if not is_number and value not in choices:
            raise UsageError(f"{key}: {unknown('choice', str(value), map(str, choices))}")


def _all(axis: Axis) -> tuple[Scalar, ...]:
    if isinstance(axis, Range):
        return (axis.low, axis.high)
    return axis if isinstance(axis, tuple) else (axis,)
