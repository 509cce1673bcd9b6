"""Find the dropout sites of a Keras model and put a variant there."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from tuner.dropout import standard
from tuner.dropout.graph import n_outputs
from tuner.dropout.keras_objects import become, children_of, shape_built_for, take_over, undisturbed
from tuner.dropout.putting import rate_of
from tuner.dropout.sites import find_sites
from tuner.dropout.variant import Replacement, Site, Variant
from tuner.errors import UsageError

__all__ = ["Rebuilt", "copy_of_model", "find_sites", "rebuild", "with_keras_layers"]


@dataclass(frozen=True)
class Rebuilt:
    """A model with a variant, over its base, at its sites; `layers` are those that have cells.

    `plain` is the model of a single pass, `site_layers` stand in it where hidden units come to a
    site.
    """

    model: keras.Model
    variant: Variant
    layers: tuple[keras.layers.Layer, ...]
    plain: keras.Model
    site_layers: tuple[keras.layers.Layer, ...]


def rebuild(
    model: keras.Model, variant: Variant, values: Mapping[str, Any], inputs: Any = None
) -> Rebuilt:
    """Put `variant` at every site of `model`, in place: its other layers and weights stay.

    `values` holds `rate`, or `rates` with one for each site in order, the variant's
    hyperparameters, and where they are known the `kinds` of the sites; `inputs` are as in
    `find_sites`. Raises UsageError where the variant cannot be
    used on this model, naming the layer.
    """
    variant = variant.given(values)
    sites, rates = rated(find_sites(model, inputs, looks=variant.looks), values)
    reason = variant.misfit_of(sites)
    if reason:
        raise UsageError(f"variant {variant.name!r} does not fit model {model.name!r}: {reason}")
    size = n_outputs(model)
    facts = {**({} if size is None else {"n_outputs": size}), **values}
    replacements = [
        variant_at(variant, site).at(site, {**facts, "rate": rate})
        for site, rate in zip(sites, rates, strict=True)
    ]
    layers: dict[int, keras.layers.Layer] = {}
    for site, replacement in zip(sites, replacements, strict=True):
        standing = _put(site, replacement)
        layers[id(standing)] = standing
        feeder = site.feeder
        if feeder is not None and replacement.feeder is not None and id(feeder) not in layers:
            _feed(feeder, replacement.feeder, fresh=replacement.fresh_weights)
            layers[id(feeder)] = feeder
    return Rebuilt(
        model=model if variant.wrap is None else variant.wrap(model, {"inputs": inputs, **facts}),
        variant=variant,
        layers=tuple(layer for layer in layers.values() if hasattr(layer, "cells")),
        plain=model,
        site_layers=tuple(site.layer for site in sites if site.has_units and not site.is_input),
    )


def copy_of_model(model: keras.Model) -> keras.Model:
    """A copy of a Sequential or Functional model, random states included; another model itself.

    So is one with layers that cannot be made again from their configuration.
    """
    if not isinstance(model, keras.Sequential | keras.Function):
        return model
    try:
        with undisturbed():
            copy = keras.models.clone_model(model)
        for own, given in zip(copy.variables, model.variables, strict=True):
            own.assign(given)
    except Exception:  # noqa: BLE001 (whatever a layer raises that was not meant to be copied)
        return model
    return copy


@contextlib.contextmanager
def with_keras_layers(model: keras.Model) -> Iterator[keras.Model]:
    """The model with Keras's own layers, or its owner's, instead of ours for now: to be saved."""
    with contextlib.ExitStack() as undo:
        for layer in {id(each): each for each in _ours(model)}.values():
            for name, noise in getattr(layer, "noises", {}).items():
                undo.callback(setattr, layer, name, getattr(layer, name))
                setattr(layer, name, rate_of(noise))
            if hasattr(layer, "as_keras"):
                undo.callback(take_over, layer, become(layer, layer.as_keras()))
        yield model


def rated(sites: Sequence[Site], values: Mapping[str, Any]) -> tuple[list[Site], list[float]]:
    """The sites, of the `kinds` of `values` where they are known, and the rate of each.

    A model that has others than those known, as a shallower one, has the rate of each kind.
    """
    rates = [*values.get("rates", ())] or [values["rate"]]
    kinds = values.get("kinds") or [site.kind for site in sites]
    if len(kinds) == len(sites):
        sites = [replace(site, kind=kind) for site, kind in zip(sites, kinds, strict=True)]
    elif len(set(kinds)) > 1:
        of_kind = dict(zip(kinds, rates, strict=False))
        rates = [of_kind.get(site.kind, values["rate"]) for site in sites]
    rates += rates[-1:] * (len(sites) - len(rates))
    return [*sites], rates[: len(sites)]


def variant_at(variant: Variant, site: Site) -> Variant:
    """What is put at a site: the standard noise where the variant is not meant for its kind."""
    return variant if site.kind in variant.kinds else standard.VARIANT


def _put(site: Site, replacement: Replacement) -> keras.layers.Layer:
    """Have the layer of a replacement stand at a site."""
    if not replacement.layer.built and site.shape is not None:
        replacement.layer.build(site.shape)
    standing = site.put(replacement.layer)
    if site.consumer is not None and hasattr(standing, "regularize"):
        standing.regularize(site.consumer)
    if site.activation_layer is not None and replacement.activation_layer is not None:
        become(site.activation_layer, replacement.activation_layer)
    return standing


def _feed(feeder: keras.layers.Layer, other: keras.layers.Layer, *, fresh: bool) -> None:
    """Have another layer stand instead of one with weights, which it takes over, or draws anew."""
    shape = shape_built_for(feeder)
    was = become(feeder, other)
    inner = _core(feeder)
    if not fresh and inner is not feeder:
        take_over(inner, was)
    feeder.build(shape)
    if not fresh and inner is feeder:
        feeder.set_weights(was.get_weights())


def _core(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer itself, or the one that a variant has wrapped."""
    while isinstance(layer, keras.layers.Wrapper) and hasattr(layer, "cells"):
        layer = layer.layer
    return layer


def _ours(layer: keras.layers.Layer) -> Iterator[keras.layers.Layer]:
    """The layers inside one; not those inside of ours, nor of one that is noisy in prediction."""
    for _, child in children_of(layer):
        yield child
        if not hasattr(child, "as_keras") and not hasattr(child, "passes"):
            yield from _ours(child)
