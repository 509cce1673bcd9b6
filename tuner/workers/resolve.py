"""Complete a definition against its data and model: metric, fitting variants, search space."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tuner import importer
from tuner.data.dataset import TrainValidation
from tuner.data.spec import Spec
from tuner.dropout import rebuild
from tuner.dropout.variant import Site, Variant
from tuner.errors import UsageError, unknown
from tuner.models import DEFAULT_AXES
from tuner.models.loading import Build, Reads, build_model, default_axes, open_model
from tuner.schema import VARIANTS, Axis, Hyperparameter, Scalar, ends
from tuner.study.definition import DEFAULT_METRIC, METRICS, StudyDefinition, Training
from tuner.study.distributions import narrow
from tuner.study.search_space import BASELINE_VARIANTS, Branch, SearchSpace
from tuner.training.optimizers import make_optimizer

TRAINED = ("batch_size", "optimizer", "learning_rate")
"""Settings of the training that an axis of the space may search."""

RATES = ("rate", "input_rate")


@dataclass(frozen=True)
class Resolved:
    """A definition with nothing left open, and what it stands for."""

    definition: StudyDefinition
    space: SearchSpace
    build: Build
    variants: Mapping[str, Variant]


def resolve(definition: StudyDefinition, data: TrainValidation) -> Resolved:
    """Choose metric and variants, and check that something reads every axis and hyperparameter.

    Raises UsageError where a name is unknown, a variant does not fit the model, or nothing reads
    an axis.
    """
    metric = _metric(definition, data.spec)
    build = open_model(definition.model)
    axes = default_axes(build) | definition.space.axes
    params = Reads({name: ends(axis)[-1] for name, axis in axes.items()})
    model = build_model(build, params, data.spec, definition.model)
    found = rebuild.find_sites(model)
    _refuse_unread(definition, params.read, found)
    read = {*params.read, *TRAINED, *RATES}
    axes = {name: axis for name, axis in axes.items() if name in read}
    variants = {name: importer.load(reference) for name, reference in VARIANTS.items()}
    chosen = definition.space.variant or tuple(
        name for name, variant in variants.items() if _fits(variant, found, definition)
    )
    for name in chosen:
        reason = _misfit(variants[name], found, definition)
        if reason:
            raise UsageError(f"variant {name!r} does not fit model {definition.model!r}: {reason}")
    for name in TRAINED:
        for choice in ends(axes.get(name, getattr(definition.training, name))):
            check_training(name, choice)
    space = replace(
        _space(definition, axes, variants, chosen), sites=tuple(site.is_input for site in found)
    )
    for name in filter(definition.space.hyperparameters.get, chosen):
        bases = [space.branches[base] for base in _bases(variants[name], definition)]
        _check_values(variants[name], found, space.branches[name], bases)
    filled = definition.model_copy(
        update={
            "metric": metric,
            "task": data.spec.task,
            "space": definition.space.model_copy(update={"variant": chosen, "axes": axes}),
        }
    )
    return Resolved(filled, space, build, variants)


def check_training(name: str, value: Scalar) -> None:
    """Refuse a searched value that the training could not use."""
    if name == "optimizer":
        make_optimizer(str(value))
    try:
        Training.model_validate({name: value})
    except ValueError:
        raise UsageError(f"space.{name}: {value!r} is no {name} to train with") from None


def _fits(variant: Variant, found: Sequence[Site], definition: StudyDefinition) -> bool:
    """Whether a variant that nobody named is searched: it fits the model and the shared rates."""
    shared = definition.space.axes.get("rate")
    if _misfit(variant, found, definition) is not None:
        return False
    given = definition.space.hyperparameters.get(variant.name, {})
    if shared is None or "rate" in given:
        return True
    if variant.rate is None:
        return variant.rate_of is None or bool(given)
    return narrow(shared, variant.rate) is not None


def _bases(variant: Variant, definition: StudyDefinition) -> tuple[str, ...]:
    """The variants that one over a base may stand over here."""
    if variant.over is None:
        return ()
    given = definition.space.hyperparameters.get(variant.name, {})
    return tuple(map(str, ends(given.get("base", variant.hyperparameters["base"].axis))))


def _misfit(variant: Variant, found: Sequence[Site], definition: StudyDefinition) -> str | None:
    reasons = (
        variant.given({"base": base}).misfit(found)
        for base in _bases(variant, definition)
        if base in variant.hyperparameters["base"].choices
    )
    return next(filter(None, reasons), variant.misfit(found))


def _metric(definition: StudyDefinition, spec: Spec) -> str:
    metric = definition.metric or DEFAULT_METRIC[spec.task]
    if METRICS[metric].task != spec.task:
        fitting = [name for name, m in METRICS.items() if m.task == spec.task]
        raise UsageError(
            f"metric {metric!r} is for {METRICS[metric].task}, the targets of {definition.data!r}"
            f" make it a {spec.task} ({', '.join(fitting)})"
        )
    return metric


def _refuse_unread(definition: StudyDefinition, read: set[str], found: Sequence[Site]) -> None:
    """An axis that nothing reads is a slip, unless it is a usual one that this model ignores."""
    if "input_rate" in definition.space.axes and len({site.is_input for site in found}) < 2:
        raise UsageError(
            "space.input_rate: it is for models with a Dropout at the input and others behind;"
            " give space.rate"
        )
    for name in definition.space.axes:
        if name not in read and name not in (*TRAINED, *RATES, *DEFAULT_AXES):
            raise UsageError(
                f"space.{name}: nothing reads it;"
                f" {unknown('axis', name, {*read, *TRAINED, *RATES})}"
            )


def _space(
    definition: StudyDefinition,
    axes: Mapping[str, Axis],
    variants: Mapping[str, Variant],
    chosen: tuple[str, ...],
) -> SearchSpace:
    shared = axes.get("rate")
    branches = {}
    bases = (base for name in chosen for base in _bases(variants[name], definition))
    for name in dict.fromkeys((*chosen, *BASELINE_VARIANTS, *bases)):
        if name not in variants:
            continue  # an unknown base: refused with the hyperparameters of its variant
        variant, given = variants[name], dict(definition.space.hyperparameters.get(name, {}))
        if name in chosen and shared is not None and variant.rate_of is not None and not given:
            raise UsageError(
                f"space.rate: the rate of variant {name!r} follows from its hyperparameters: leave"
                f" {name!r} out, or give [space.{name}] {' or '.join(variant.hyperparameters)}"
            )
        own = None if variant.rate is None else given.pop("rate", None)
        if own is None and variant.over is None:
            own = _rate(variant, shared, searched=name in chosen)
        branches[name] = Branch(own, _hyperparameters(variant, given), one_rate=variant.one_rate)
    return SearchSpace(
        {name: axis for name, axis in axes.items() if name not in RATES},
        chosen,
        branches,
        rate=SearchSpace.rate if shared is None else shared,
        input_rate=axes.get("input_rate"),
        per_site_rate=definition.space.per_site_rate,
    )


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
            raise UsageError(f"[space.{variant.name}]: {unknown('knob', name, valid)}")
    hps = {}
    for name, hp in variant.hyperparameters.items():
        axis = given.get(name, hp.axis)
        _check_inside(f"space.{variant.name}.{name}", axis, hp)
        hps[name] = replace(hp, axis=axis)
    return hps


def _check_values(
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


def _check_inside(key: str, axis: Axis, hp: Hyperparameter) -> None:
    """Names must be among the knob's own; numbers may be others, but not become names."""
    choices = hp.choices or ends(hp.axis)
    is_number = not any(isinstance(choice, str | bool) for choice in choices)
    for value in ends(axis):
        if is_number and isinstance(value, str | bool):
            raise UsageError(f"{key}: expected a number, got {value!r}")
        if not is_number and value not in choices:
            raise UsageError(f"{key}: {unknown('choice', str(value), map(str, choices))}")
