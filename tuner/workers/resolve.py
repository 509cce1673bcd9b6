"""Complete a definition against its data and model: metric, fitting variants, search space."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import keras

from tuner import importer
from tuner.data.dataset import TrainValidation
from tuner.data.spec import Task
from tuner.dropout import as_written, rebuild
from tuner.dropout.variant import Site, Variant
from tuner.errors import UsageError, unknown
from tuner.models import DEFAULT_AXES, MODELS
from tuner.models.calling import telling_rows
from tuner.models.fitting import Fitted, fit
from tuner.models.loading import Build, Reads, build_model, default_axes, open_model
from tuner.schema import AS_WRITTEN, VARIANTS, Axis, Scalar, ends
from tuner.study.definition import StudyDefinition, Training
from tuner.study.rates import KIND_RATES, RATES
from tuner.study.search_space import SearchSpace
from tuner.study.space_definition import SpaceDefinition
from tuner.training.naming import direction_of
from tuner.training.optimizers import make_optimizer
from tuner.workers.branches import bases_of, branches_of, check_values
from tuner.workers.chosen import chosen_of
from tuner.workers.inspecting import note_of
from tuner.workers.seeding import notes_on_seeds
from tuner.workers.way import Way, way_of

TRAINED = ("batch_size", "optimizer", "learning_rate")
"""Settings of the training that an axis of the space may search."""


@dataclass(frozen=True)
class Resolved:
    """A definition with nothing left open, and what it stands for."""

    definition: StudyDefinition
    space: SearchSpace
    build: Build
    variants: Mapping[str, Variant]
    data: TrainValidation
    notes: tuple[str, ...] = ()


def resolve(
    definition: StudyDefinition, data: TrainValidation, *, is_compared: bool = False
) -> Resolved:
    """Choose metric and variants, and check that something reads every axis and hyperparameter.

    Raises UsageError where a name is unknown, a variant does not fit the model, or nothing reads
    an axis.
    """
    _refuse_other_defaults()
    keeps_weights = definition.training.weights == "keep"
    build = open_model(definition.model, keeps=keeps_weights)
    axes = default_axes(build) | definition.space.axes
    params = Reads({name: ends(axis)[-1] for name, axis in axes.items()})
    model = build_model(build, params, data.spec, definition.model)
    named = (definition.data, definition.model)
    fitted = fit(model, data, definition.training, *named, keeps_weights=keeps_weights)
    spec = fitted.data.spec
    found = rebuild.find_sites(model, spec.inputs)
    way = way_of(definition, model, fitted.data, definition.space.axes)
    _refuse_unread(definition, params.read, found)
    read = {*params.read, *TRAINED, *RATES}
    axes = {name: axis for name, axis in axes.items() if name in read}
    variants = {name: importer.load(reference) for name, reference in VARIANTS.items()}
    chosen = chosen_of(definition, variants, found, way, spec)
    for name in TRAINED:
        for choice in ends(axes.get(name, getattr(way.training, name))):
            check_training(name, choice)
    space = _space(definition, axes, variants, chosen, spec.task)
    space = _with_sites(space, found, is_built_in=definition.model in MODELS)
    for name in filter(definition.space.hyperparameters.get, chosen):
        bases = [space.branches[base] for base in bases_of(variants[name], definition)]
        check_values(variants[name], found, space.branches[name], bases)
    variants[AS_WRITTEN] = as_written.VARIANT
    rows = telling_rows(fitted.data.train)
    again = partial(build_model, build, params, spec, definition.model, rows)
    seeds = notes_on_seeds(definition, again, is_compared=is_compared)
    notes = (*fitted.notes, *note_of(model, found, fitted.data), *way.notes, *seeds)
    searched = definition.space.model_copy(update={"variant": chosen, "axes": axes})
    filled = _filled(definition, data.split_by, searched, way, fitted)
    return Resolved(filled, space, build, variants, fitted.data, notes)


def _refuse_other_defaults() -> None:
    """A value would depend on a file of this machine that no record of a trial has."""
    for what, known in (("floatx", "float32"), ("image_data_format", "channels_last")):
        found = getattr(keras.config, what)()
        if found != known:
            raise UsageError(
                f"Keras is set to {what} {found!r}, by keras.json (in KERAS_HOME or ~/.keras) or by"
                f" code of yours: a study is trained with {known!r}; take that out, or let"
                " KERAS_HOME name another folder"
            )


def check_training(name: str, value: Scalar | None) -> None:
    """Refuse a searched value that the training could not use."""
    if value is None:
        return
    if name == "optimizer":
        make_optimizer(str(value))
    try:
        Training.model_validate({name: value})
    except ValueError:
        raise UsageError(f"space.{name}: {value!r} is no {name} to train with") from None


def _refuse_unread(definition: StudyDefinition, read: set[str], found: Sequence[Site]) -> None:
    """An axis that nothing reads is a slip, unless it is a usual one that this model ignores."""
    if "input_rate" in definition.space.axes and len({site.is_input for site in found}) < 2:
        raise UsageError(
            "space.input_rate: it is for models with a Dropout at the input and others behind;"
            " give space.rate"
        )
    for name in definition.space.axes:
        if name in KIND_RATES and name.partition(".")[2] not in {site.kind for site in found}:
            kinds = sorted({site.kind for site in found})
            raise UsageError(
                f"space.{name}: the model has no place of that kind; it has {', '.join(kinds)}"
            )
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
    task: Task,
) -> SearchSpace:
    shared = axes.get("rate")
    return SearchSpace(
        {name: axis for name, axis in axes.items() if name not in RATES},
        chosen,
        branches_of(definition, shared, variants, chosen, task),
        rate=SearchSpace.rate if shared is None else shared,
        input_rate=axes.get("input_rate"),
        kind_rates={name: axis for name, axis in axes.items() if name in KIND_RATES},
        per_site_rate=definition.space.per_site_rate,
    )


def _with_sites(space: SearchSpace, found: Sequence[Site], *, is_built_in: bool) -> SearchSpace:
    """The space with what has to be known of the places of the model."""
    return replace(
        space,
        sites=tuple(site.is_input for site in found),
        kinds=tuple("units" if site.is_quiet else site.kind for site in found),
        written_rates=() if is_built_in else tuple(site.rate for site in found),
    )


def _filled(
    definition: StudyDefinition, task: Task, space: SpaceDefinition, way: Way, fitted: Fitted
) -> StudyDefinition:
    """The definition; `task` is what rows are split by, whatever the model makes of them."""
    scaled = {
        "standardize": fitted.standardize,
        "standardize_targets": fitted.standardize_targets,
    }
    return definition.model_copy(
        update={
            "metric": way.metric,
            "direction": way.direction if way.direction != direction_of(way.metric) else None,
            "task": task,
            "training": way.training.model_copy(update=scaled),
            "space": space,
        }
    )
