"""Find the dropout places of a Keras model and rebuild it with a variant."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras

from tuner.dropout._weighted import WEIGHTED
from tuner.dropout.graph import (
    ACTIVATIONS,
    NORMALIZATIONS,
    TRANSPARENT,
    Takers,
    consumer_of,
    takers_in,
)
from tuner.dropout.keras_internals import giver_of
from tuner.dropout.variant import Replacement, Site, Variant
from tuner.errors import UsageError

MARKS = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.GaussianDropout,
    keras.layers.AlphaDropout,
)


@dataclass(frozen=True)
class Rebuilt:
    """A model rebuilt with a variant, over its base; `layers` are those of it that have cells.

    `plain` is the model of a single pass, `site_layers` stand in it where hidden units come to a
    site.
    """

    model: keras.Model
    variant: Variant
    layers: tuple[keras.layers.Layer, ...]
    plain: keras.Model
    site_layers: tuple[keras.layers.Layer, ...]


def find_sites(model: keras.Model) -> list[Site]:
    """The dropout places of a Sequential or Functional model, nested models included.

    Raises UsageError where the model marks none, or is subclassed and cannot be rebuilt.
    """
    _check_rebuildable(model)
    takers = takers_in(model)
    sites = [_site(layer, takers) for layer in leaves(model) if isinstance(layer, MARKS)]
    if not sites:
        raise UsageError(
            f"model {model.name!r} has no Dropout layer: mark the places where dropout may go with"
            " keras.layers.Dropout"
        )
    return [*sites[:-1], replace(sites[-1], is_last=True)]


def rebuild(model: keras.Model, variant: Variant, values: Mapping[str, Any]) -> Rebuilt:
    """A copy of `model` with `variant` at every site; weights that have a counterpart are copied.

    `values` holds `rate`, or `rates` with one for each site in order, and the variant's
    hyperparameters. Raises UsageError where the variant cannot be used on this model, naming the
    layer.
    """
    sites = find_sites(model)
    variant = variant.given(values)
    reason = variant.misfit(sites)
    if reason:
        raise UsageError(f"variant {variant.name!r} does not fit model {model.name!r}: {reason}")
    swaps: dict[int, keras.layers.Layer] = {}
    fresh: set[int] = set()
    rates = [*values.get("rates", ())] or [values["rate"]]
    rates += rates[-1:] * (len(sites) - len(rates))
    facts = {"n_outputs": int(model.outputs[-1].shape[-1]), **values}
    replacements = [
        variant.at(site, {**facts, "rate": rate}) for site, rate in zip(sites, rates, strict=False)
    ]
    for site, replacement in zip(sites, replacements, strict=True):
        swaps |= _swaps(site, replacement)
        if replacement.fresh_weights and site.feeder is not None:
            fresh.add(id(site.feeder))
    rebuilt, copies = _copy(model, swaps, fresh)
    for site, replacement in zip(sites, replacements, strict=True):
        if site.consumer is not None and hasattr(replacement.layer, "regularize"):
            replacement.layer.regularize(copies[id(site.consumer)])
    return Rebuilt(
        model=rebuilt if variant.wrap is None else variant.wrap(rebuilt, values),
        variant=variant,
        layers=tuple(layer for layer in swaps.values() if hasattr(layer, "cells")),
        plain=rebuilt,
        site_layers=tuple(
            replacement.layer
            for site, replacement in zip(sites, replacements, strict=True)
            if not site.is_input
        ),
    )


def with_keras_layers(model: keras.Model) -> keras.Model:
    """A copy in which our layers became Keras's own: it opens without tuner.

    A layer that `as_keras` gave built keeps the weights it came with.
    """
    ours = [layer for layer in leaves(model) if hasattr(layer, "as_keras")]
    plain = {id(layer): layer.as_keras() for layer in ours}
    return _copy(model, plain, {key for key, layer in plain.items() if layer.built})[0]


def _check_rebuildable(model: keras.Model) -> None:
    if not isinstance(model, keras.Sequential | keras.Function):
        raise UsageError(
            f"model {model.name!r} is a subclassed {type(model).__name__}, which cannot be rebuilt:"
            " give a Sequential or Functional model"
        )
    if not model.built:
        raise UsageError(f"model {model.name!r} has no input shape: begin it with keras.Input")


def leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """The layers of a model, those of nested models included."""
    for layer in model.layers:
        if isinstance(layer, keras.Sequential | keras.Function):
            yield from leaves(layer)
        else:
            yield layer


def _site(dropout: keras.layers.Layer, takers: Takers) -> Site:
    found: dict[str, Any] = {"consumer": consumer_of(dropout, takers)}
    layer = giver_of(dropout)
    while not isinstance(layer, keras.layers.InputLayer):
        if isinstance(layer, WEIGHTED):
            found["feeder"] = layer
            found.setdefault("activation", _activation(layer))
            break
        if isinstance(layer, ACTIVATIONS):
            found |= {"activation": _activation(layer), "activation_layer": layer}
        elif isinstance(layer, NORMALIZATIONS):
            found["normalized"] = True
        elif not isinstance(layer, TRANSPARENT):
            break
        layer = giver_of(layer)
    else:
        found["is_input"] = True
    ndim, rate = len(dropout.input.shape), float(dropout.rate)
    return Site(name=dropout.name, layer=dropout, rate=rate, ndim=ndim, **found)


def _activation(layer: keras.layers.Layer) -> str:
    function = getattr(layer, "activation", None)
    return type(layer).__name__.lower() if function is None else str(function.__name__)


def _swaps(site: Site, replacement: Replacement) -> dict[int, keras.layers.Layer]:
    pairs = (
        (site.layer, replacement.layer),
        (site.feeder, replacement.feeder),
        (site.activation_layer, replacement.activation_layer),
    )
    return {id(old): new for old, new in pairs if old is not None and new is not None}


def _copy(
    model: keras.Model, swaps: Mapping[int, keras.layers.Layer], fresh: set[int]
) -> tuple[keras.Model, dict[int, keras.layers.Layer]]:
    """A copy of a model with other layers in it, and the copy of each layer by the id of its own.

    Those whose ids are `fresh` do not take over the weights.
    """
    copies: dict[int, keras.layers.Layer] = {}
    pairs: list[tuple[keras.layers.Layer, keras.layers.Layer]] = []

    def clone(layer: keras.layers.Layer) -> keras.layers.Layer:
        copy = swaps.get(id(layer))
        if copy is None:
            copy = type(layer).from_config(layer.get_config())
        copies[id(layer)] = copy
        if id(layer) not in fresh and isinstance(layer, keras.layers.Layer):
            pairs.append((layer, copy))
        return copy

    rebuilt = keras.models.clone_model(model, clone_function=clone, recursive=True)
    for original, copy in pairs:
        source, target = _core(original), _core(copy)
        if [w.shape for w in source.weights] == [w.shape for w in target.weights]:
            target.set_weights(source.get_weights())
    return rebuilt, copies


def _core(layer: keras.layers.Layer) -> keras.layers.Layer:
    """The layer itself, or the one that a variant has wrapped."""
    while isinstance(layer, keras.layers.Wrapper) and hasattr(layer, "cells"):
        layer = layer.layer
    return layer
