"""The dropout places of a model, and what stands around each."""

from dataclasses import replace
from typing import Any

import keras

from tuner.dropout._weighted import LINEAR
from tuner.dropout.graph import (
    ACTIVATIONS,
    NORMALIZATIONS,
    TRANSPARENT,
    Wiring,
    consumer_of,
    wiring_of,
)
from tuner.dropout.keras_internals import is_model
from tuner.dropout.keras_objects import last_weights_of
from tuner.dropout.places import Place, places_of
from tuner.dropout.recorded import record
from tuner.dropout.variant import Site
from tuner.errors import UsageError

_MOST_STEPS = 100
_BY_THEMSELVES = ("input", "recurrent", "attention")
_LOOKUPS = (keras.layers.Embedding,)
_SPATIAL = {
    keras.layers.SpatialDropout1D: (None,) * 3,
    keras.layers.SpatialDropout2D: (None,) * 4,
    keras.layers.SpatialDropout3D: (None,) * 5,
}


def find_sites(model: keras.Model, inputs: Any = None, *, looks: bool = True) -> list[Site]:
    """The dropout places of a model, those inside its layers too, in order.

    `inputs` is the structure that the model takes, of what has the shape and the dtype of a row: it
    is traced on that where its graph does not say everything. Unless one `looks`, what stands
    around a site in no graph is not known. Raises UsageError where there is none, or no
    input shape.
    """
    if not model.built:
        raise UsageError(
            f"model {model.name!r} has no input shape: begin it with keras.Input, call it on some"
            " rows, or give the data"
        )
    places = places_of(model)
    if not places:
        raise UsageError(
            f"model {model.name!r} has no Dropout layer: mark the places where dropout may go with"
            " keras.layers.Dropout"
        )
    wiring = _wiring(model, places, inputs) if looks else None
    graph = wiring_of(model) if wiring is None and is_model(model) else wiring
    sites = [_site(place, graph if place.is_node else wiring) for place in places]
    noisy = [n for n, site in enumerate(sites) if site.has_units and _is_noisy(site, wiring)]
    last = max(noisy, default=None)
    return [replace(site, is_last=n == last) for n, site in enumerate(sites)]


def _is_noisy(site: Site, wiring: Wiring | None) -> bool:
    """Whether a traced model calls the layer of a site in training, and not to be quiet."""
    return wiring is None or (wiring.shape(site.layer) is not None and not site.is_quiet)


def _wiring(model: keras.Model, places: list[Place], inputs: Any) -> Wiring | None:
    """What a traced pass says; None where the graph of the model says as much."""
    if is_model(model) and all(each.is_node or each.kind in _BY_THEMSELVES for each in places):
        return None
    return record(model, inputs)


def _site(place: Place, wiring: Wiring | None) -> Site:
    layer = place.layer
    site = Site(
        name=layer.name,
        layer=layer,
        rate=place.rate,
        kind=place.kind,
        path=place.path,
        put=place.put,
        noise_shape=place.noise_shape,
        shape=_SPATIAL.get(type(layer)),
    )
    if wiring is None or place.kind in _BY_THEMSELVES:
        return site
    site = replace(site, shape=wiring.shape(layer) or site.shape, is_quiet=wiring.is_quiet(layer))
    if site.kind == "units" and site.ndim > 2 and wiring.is_softmax(layer):
        return replace(site, kind="attention")
    return replace(site, consumer=consumer_of(layer, wiring.takers), **_before(place, wiring))


def _before(place: Place, wiring: Wiring) -> dict[str, Any]:
    """What stands before a place, as fields of its site."""
    found: dict[str, Any] = {}
    layer = wiring.giver(place.layer)
    for _ in range(_MOST_STEPS):
        layer = None if layer is None else last_weights_of(layer)
        if isinstance(layer, keras.layers.InputLayer):
            found["is_input"] = True
        elif isinstance(layer, LINEAR):
            found["feeder"] = layer
            found.setdefault("activation", _activation(layer))
        elif isinstance(layer, ACTIVATIONS):
            found |= {"activation": _activation(layer), "activation_layer": layer}
        elif isinstance(layer, NORMALIZATIONS):
            found["normalized"] = True
        if not isinstance(layer, (*ACTIVATIONS, *NORMALIZATIONS, *TRANSPARENT)):
            break
        layer = wiring.giver(layer)
    if place.kind == "units" and _embeds(layer, wiring):
        found |= {"kind": "embedding", "feeder": layer if type(layer) in _LOOKUPS else None}
    return found


def _embeds(layer: keras.layers.Layer | None, wiring: Wiring) -> bool:
    """Whether a layer looks units up for ids, or adds some that do, as with those of positions."""
    if isinstance(layer, keras.layers.Add):
        return _embeds(wiring.giver(layer), wiring)
    return type(layer).__name__.endswith("Embedding")


def _activation(layer: keras.layers.Layer) -> str:
    function = getattr(layer, "activation", None)
    return type(layer).__name__.lower() if function is None else str(function.__name__)
