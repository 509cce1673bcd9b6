"""The dropout places of a model, which variants fit there, and what draws besides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import keras

from tuner import importer
from tuner.data.dataset import TrainValidation
from tuner.data.spec import Spec
from tuner.dropout.left_alone import always_on, is_noiseless, left_alone
from tuner.dropout.places import written_without
from tuner.dropout.sites import find_sites
from tuner.dropout.variant import Site, Variant
from tuner.models.calling import telling_rows
from tuner.models.loading import build_model, default_axes, open_model
from tuner.schema import KINDS, VARIANTS, ends


@dataclass(frozen=True)
class Place:
    """A place: where, of which kind, at which rate as written, and why variants do not fit there.

    `not_here` says of a variant what stands there instead, or why it cannot be used on the model.
    """

    path: str
    kind: str
    rate: float
    not_here: Mapping[str, str]

    @property
    def fitting(self) -> list[str]:
        """The variants that fit there."""
        return [name for name in VARIANTS if name not in self.not_here]


@dataclass(frozen=True)
class Places:
    """The places of a model, what it draws besides, and where it could drop but is written not to.

    The last are paths with their kind.
    """

    places: Sequence[Place]
    left_alone: Sequence[str]
    off: Sequence[tuple[str, str]]


def places_of_reference(reference: str, data: TrainValidation, *, is_given: bool) -> Places:
    """The places of the model that a reference names, built for some data.

    Unless these are the data that were given, they tell a build function no more than a shape.
    """
    build = open_model(reference)
    params = {name: ends(axis)[-1] for name, axis in default_axes(build).items()}
    rows = data.train if is_given else None
    model = build_model(build, params, data.spec, reference, rows)
    return inspect(model, data.spec if is_given else None)


def inspect(model: keras.Model, spec: Spec | None) -> Places:
    """The places of a model that takes rows as `spec` says, or its graph."""
    sites = find_sites(model, None if spec is None else spec.inputs)
    variants = {name: importer.load(reference) for name, reference in VARIANTS.items()}
    places = [
        Place(site.path, site.kind, site.rate, _not_at(site, sites, variants)) for site in sites
    ]
    return Places(places, left_alone(model, sites), written_without(model))


def note_of(model: keras.Model, sites: Sequence[Site], data: TrainValidation) -> list[str]:
    """What the user should know of the noise that stays, or does not: a line each.

    `model` is of no use after that.
    """
    quiet = [f"{site.path} (called with training=False)" for site in sites if site.is_quiet]
    found = left_alone(model, sites)
    notes = [f"no variant replaces {', '.join(found)}: on in 'none' too"] if found else []
    if quiet:
        notes.append(f"no noise, whatever the rate, at {', '.join(quiet)}")
    if always := always_on(sites):
        notes.append(f"dropout in predictions too, as written: {', '.join(always)}; only mc has it")
    if not found and not is_noiseless(model, telling_rows(data.train).x):
        notes.append("the model draws in training, in 'none' too: in an operation, or on its data")
    return notes


def _not_at(site: Site, sites: Sequence[Site], variants: Mapping[str, Variant]) -> dict[str, str]:
    reasons = {}
    for name, variant in variants.items():
        chosen = variant.given({})
        misfit = chosen.misfit_of(sites)
        if misfit is not None:
            reasons[name] = misfit
        elif site.kind not in chosen.kinds:
            reasons[name] = f"standard noise there: it is not for {KINDS[site.kind]}"
        elif chosen.one_rate and not site.is_last:
            reasons[name] = "nothing there: it masks the last place only"
    return reasons
