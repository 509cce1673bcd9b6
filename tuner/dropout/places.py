"""Where a model drops, whatever holds the layer: found by walking."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import keras

from tuner.dropout import putting
from tuner.dropout.keras_internals import is_model
from tuner.dropout.keras_objects import RNN_CELLS, children_of
from tuner.dropout.own_noise import OwnNoise, noise_of
from tuner.dropout.putting import Put

MARKS = (
    keras.layers.Dropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
    keras.layers.GaussianDropout,
    keras.layers.AlphaDropout,
)
_HEADS = (keras.layers.MultiHeadAttention, keras.layers.GroupQueryAttention)
_SCORES = (keras.layers.Attention, keras.layers.AdditiveAttention)
_MASKS = {"input": "dropout", "recurrent": "recurrent_dropout"}


@dataclass(frozen=True)
class Place:
    """A place where a model drops, of a kind of `tuner.schema.KINDS`, at a rate of its owner's.

    `layer` is the Dropout there, or the layer that drops by itself; `put` has other noise stand
    there. `is_node` says whether it is a part of a graph, not of another layer.
    """

    path: str
    layer: keras.layers.Layer
    kind: str
    rate: float
    put: Put
    is_node: bool = True
    noise_shape: tuple[int | None, ...] | None = None


def places_of(model: keras.Model) -> list[Place]:
    """The places of a model, those inside its layers too, each once however often it is called."""
    return list(_Walk().through(_Here(model)))


def written_without(model: keras.Model) -> list[tuple[str, str]]:
    """(path, kind) of layers that can drop by themselves, and are written with a rate of 0."""
    walk = _Walk()
    list(walk.through(_Here(model)))
    return walk.off


@dataclass(frozen=True)
class _Here:
    """A layer, its path, whether it is of the graph, what holds it, and the RNN around it."""

    layer: keras.layers.Layer
    path: str = ""
    is_node: bool = True
    holder: keras.layers.Layer | None = None
    rnn: keras.layers.Layer | None = None

    def inside(self) -> Iterator["_Here"]:
        rnn = self.layer if isinstance(self.layer, keras.layers.RNN) else self.rnn
        is_node = self.is_node and is_model(self.layer)
        for name, layer in children_of(self.layer):
            yield _Here(layer, f"{self.path}/{name}".lstrip("/"), is_node, self.layer, rnn)


@dataclass
class _Walk:
    """What a walk has seen: layers, classes known by how they drop, and places that are off."""

    seen: set[int] = field(default_factory=set)
    known: dict[type, OwnNoise | None] = field(default_factory=dict)
    off: list[tuple[str, str]] = field(default_factory=list)

    def through(self, here: _Here) -> Iterator[Place]:
        if id(here.layer) in self.seen:
            return
        self.seen.add(id(here.layer))
        yield from self._at(here)
        for each in here.inside():
            yield from self.through(each)

    def _at(self, here: _Here) -> Iterator[Place]:
        layer, path = here.layer, here.path
        if isinstance(layer, MARKS) and isinstance(here.holder, _HEADS):
            of_heads = path.rpartition("/")[0]
            if here.holder.dropout > 0:
                put = putting.into_heads(here.holder, layer)
                yield Place(of_heads, layer, "attention", layer.rate, put, False)
            else:
                self.off.append((of_heads, "attention"))
        elif isinstance(layer, MARKS):
            put = putting.instead_of(layer, None if here.is_node else "rate")
            shape = getattr(layer, "noise_shape", None)
            kind, rate = _kind(shape), float(layer.rate)
            yield Place(path, layer, kind, rate, put, here.is_node, shape)
        elif isinstance(layer, _SCORES):
            if layer.dropout > 0:
                put = putting.into_scores(layer)
                yield Place(path, layer, "attention", float(layer.dropout), put, False)
            else:
                self.off.append((path, "attention"))
        elif isinstance(layer, RNN_CELLS):
            for kind, name in _MASKS.items():
                rate = float(getattr(layer, name))
                if rate > 0:
                    put = putting.into_cell(layer, kind, here.rnn)
                    yield Place(path, layer, kind, rate, put, False)
                else:
                    self.off.append((path, kind))
        else:
            yield from self._of_its_own(here)

    def _of_its_own(self, here: _Here) -> Iterator[Place]:
        layer = here.layer
        if type(layer) not in self.known:
            self.known[type(layer)] = noise_of(layer)
        found = self.known[type(layer)]
        if found is not None:
            put = putting.instead_of(layer, found.attribute, keeps=found.is_kept)
            kind, shape = ("path", (None,)) if found.is_path else ("units", None)
            yield Place(here.path, layer, kind, found.rate_of(layer), put, here.is_node, shape)


def _kind(noise_shape: tuple[int | None, ...] | None) -> str:
    """Stochastic depth is a Dropout that drops whole examples."""
    is_path = noise_shape is not None and all(size == 1 for size in noise_shape[1:])
    return "path" if is_path else "units"
