"""What to put into one's own network for the params of a study: Python that runs."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras

from tuner.dropout.keras_internals import numbered_anew
from tuner.dropout.rebuild import rated, variant_at
from tuner.dropout.sites import find_sites
from tuner.dropout.variant import Site, Variant
from tuner.schema import AS_WRITTEN, Params
from tuner.training.recipe import Recipe
from tuner.workers.recipe import Recipes
from tuner.workers.resolve import Resolved

_WIDTH = 96
_OF_KERAS = ("none", "standard", "gaussian", "spatial")
"""Variants that Keras has layers for which train as ours do."""

_SETTINGS = {"attention": "dropout", "input": "dropout", "recurrent": "recurrent_dropout"}
"""Kinds of places that are a setting of the layer that drops by itself."""

_TOLD = ("rate", "rates", "kinds")


def code_of(resolved: Resolved, params: Params, what: str) -> str:
    """Python that puts the dropout of `params` into the network of a study.

    Where Keras has the layers it is `DROPOUT`, by the path of each place of the network: the layer
    that stands there, or the settings of the one that drops by itself. Else it changes `model`,
    the user's network, before it is compiled. `what` is said of it in a comment.
    """
    data = resolved.data
    recipe = Recipes(resolved, data).of(params)
    with numbered_anew():
        sites, rates = rated(find_sites(recipe.build(), data.spec.inputs), recipe.values)
    shared = {name: value for name, value in params.items() if name in resolved.space.axes}
    said = [what, *([f"The network has {_named(shared)}."] if shared else [])]
    head = [f"# {line}" for text in said for line in textwrap.wrap(text, _WIDTH)]
    if recipe.variant.name == AS_WRITTEN:
        return "\n".join([*head, "# Its dropout is as you wrote it: there is nothing to change."])
    if all(_has_keras(recipe.variant, site) for site in sites):
        return "\n".join([*head, *_of_keras(recipe, sites, rates)])
    steps = recipe.settings.epochs * -(-data.n_train // recipe.settings.batch_size)
    facts: dict[str, Any] = {"n_train": data.n_train, "n_steps": steps}
    facts |= {"task": data.spec.task} if data.spec.task in ("classification", "regression") else {}
    return "\n".join([*head, *_applied(str(params["variant"]), rates, {**facts, **recipe.values})])


def _has_keras(variant: Variant, site: Site) -> bool:
    """Whether Keras has what stands at a site: for Gaussian noise only a layer for single units."""
    name = variant_at(variant, site).name
    is_single = site.kind not in _SETTINGS and site.noise_shape is None
    return name in ("none", "standard") or (name in _OF_KERAS and is_single)


def _of_keras(recipe: Recipe, sites: Sequence[Site], rates: Sequence[float]) -> Iterator[str]:
    settings: dict[str, dict[str, float]] = {}
    yield from ("import keras", "", "DROPOUT = {")
    for site, rate in zip(sites, rates, strict=True):
        if site.kind in _SETTINGS:
            kept = 0.0 if recipe.variant.name == "none" else float(f"{rate:.4g}")
            settings.setdefault(site.path, {})[_SETTINGS[site.kind]] = kept
            continue
        layer = variant_at(recipe.variant, site).at(site, {**recipe.values, "rate": rate}).layer
        yield f'    "{site.path}": {_call(layer.as_keras() if hasattr(layer, "cells") else layer)},'
    for path, given in settings.items():
        yield f'    "{path}": {given!r},'.replace("'", '"')
    yield "}"


def _call(layer: keras.layers.Layer) -> str:
    """The call that makes a layer of Keras."""
    if layer.rate == 0:
        return "keras.layers.Identity()"
    shape = getattr(layer, "noise_shape", None)
    more = "" if shape is None else f", noise_shape={tuple(shape)}"
    return f"keras.layers.{type(layer).__name__}({layer.rate:.4g}{more})"


def _applied(name: str, rates: Sequence[float], values: Mapping[str, Any]) -> Iterator[str]:
    rates = [float(f"{rate:.4g}") for rate in rates]
    own = {key: value for key, value in values.items() if key not in _TOLD}
    settings = ", ".join(f"{key}={_literal(value)}" for key, value in own.items())
    rate = rates[0] if len(set(rates)) == 1 else rates
    yield from ("import tuner.dropout", "")
    yield f'model = tuner.dropout.apply(model, "{name}", {rate}, {settings})'


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return f"{value:.4g}" if isinstance(value, float) else repr(value)


def _named(shared: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_literal(value)}" for name, value in shared.items())
