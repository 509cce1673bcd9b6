"""What a variant is: the contract between the variants and the model rebuilder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import keras

from tuner import importer
from tuner.schema import KINDS, VARIANTS, Hyperparameter, Range, describe, ends

Values = Mapping[str, Any]
HIDDEN = ("units", "embedding")
"""The kinds of sites to which hidden units come, or maps of them."""

DataLoss = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Site:
    """A dropout place of a user's model.

    `layer` is the Dropout that stands there, or the layer that drops by itself, `rate` its own, as
    written, `kind` one of `tuner.schema.KINDS`; `put` has noise stand there, `noise_shape` says for
    what one mask holds, as that of keras.layers.Dropout. What stands around it:
    `feeder` the weighted layer (Dense, Conv) before it; `activation` the name of the activation
    between them, `activation_layer` the layer that applies it where it is one of its own; `shape`
    that of its input with its batch axis, None where it is not known; `consumer` the weighted layer
    that takes its output, if it is the only one that does; `is_last` marks the one nearest the
    output that is called in training, `is_quiet` one that is told training=False always.
    """

    name: str
    layer: keras.layers.Layer
    rate: float
    kind: str
    path: str
    put: Callable[[keras.layers.Layer], keras.layers.Layer]
    noise_shape: tuple[int | None, ...] | None = None
    shape: tuple[int | None, ...] | None = None
    feeder: keras.layers.Layer | None = None
    activation: str = "linear"
    activation_layer: keras.layers.Layer | None = None
    normalized: bool = False
    is_input: bool = False
    is_last: bool = False
    is_quiet: bool = False
    consumer: keras.layers.Layer | None = None

    @property
    def has_units(self) -> bool:
        """Whether hidden units, or maps, come to it."""
        return self.kind in HIDDEN

    @property
    def ndim(self) -> int:
        """The rank of its input with its batch axis; 2 where it is not known."""
        return 2 if self.shape is None else len(self.shape)


def nothing(site: Site) -> keras.layers.Layer:
    """What stands at a site where nothing drops: it takes `training`, as what stood there did."""
    return keras.layers.Dropout(0.0, name=site.name)


@dataclass(frozen=True)
class Replacement:
    """What stands at a site instead: for its layer, and where given for its feeder and activation.

    A replaced feeder takes over the original weights, unless `fresh_weights`; it may be a
    keras.layers.Wrapper around a copy of the feeder.
    """

    layer: keras.layers.Layer
    feeder: keras.layers.Layer | None = None
    activation_layer: keras.layers.Layer | None = None
    fresh_weights: bool = False


def _replaces_nothing(site: Site, _values: Values) -> Replacement:
    raise TypeError(f"{site.name!r}: this variant stands over a base; call given(values) first")


@dataclass(frozen=True)
class Variant:
    """One dropout variant; its module docstring is its help text.

    at(site, values) -> Replacement: `values` holds `rate`, the hyperparameters, `task`, `n_outputs`
        of the model, `n_train`, the number of training examples, and `n_steps`, that of steps of
        the whole training.
    over(base): this variant over the one that its hyperparameter `base` names, where it has that
        hyperparameter.
    kinds: those of the sites that it is meant for; standard noise stands at others.
    looks: whether it has to know what stands around a site.
    misfit(sites): why the variant cannot be used on a model with these sites, or None.
    one_rate: whether it has one rate whatever the number of places.
    loss(model, x, y, outputs, data_loss): a scalar added to the mean data loss of a batch;
        `outputs`
        are those of the pass that gave it.
    wrap(model, values): a model around the rebuilt one, where one deterministic pass is not the
        rule at inference.
    measure(model, x, y, y_scale): numbers of each example of a batch, by name, arrays [batch];
        their means over the validation part are kept beside the trial. `y_scale` [k] times
        standardized targets are those in their own units.
    precision(model): that of the noise of standardized targets, a scalar tensor, where the variant
        states one.
    density(model, x, y): what the model answers, [batch, k], and the log density of standardized
        targets y [batch, k] under its prediction, [batch]; where that is not a normal one around
        the answer.
    rate_of(values): the rate where it is not sampled (`rate` is None) but follows from the
        hyperparameters.
    of_rate(values): hyperparameters that give `rate`, where it follows from them.
    warmup(values): share of the training before which a trial must not be judged.
    record(values): numbers kept beside the trial.
    learned(layer): the rate that a layer has learned by now, a scalar tensor (runs inside the
        compiled epoch).
    """

    name: str
    rate: Range | None
    at: Callable[[Site, Values], Replacement] = _replaces_nothing
    hyperparameters: Mapping[str, Hyperparameter] = field(default_factory=dict)
    one_rate: bool = False
    kinds: tuple[str, ...] = tuple(KINDS)
    looks: bool = False
    misfit: Callable[[Sequence[Site]], str | None] = lambda sites: None
    loss: Callable[[keras.Model, Any, Any, Any, DataLoss], Any] | None = None
    over: Callable[["Variant"], "Variant"] | None = None
    wrap: Callable[[keras.Model, Values], keras.Model] | None = None
    measure: Callable[[keras.Model, Any, Any, Any], Mapping[str, Any]] | None = None
    precision: Callable[[keras.Model], Any] | None = None
    density: Callable[[keras.Model, Any, Any], tuple[Any, Any]] | None = None
    rate_of: Callable[[Values], float] | None = None
    of_rate: Callable[[Values], Values] | None = None
    warmup: Callable[[Values], float] = lambda values: 0.0
    record: Callable[[Values], Mapping[str, float]] = lambda values: {}
    learned: Callable[[keras.layers.Layer], Any] | None = None

    def given(self, values: Values) -> "Variant":
        """This variant over the base that `values` names, or its first; itself without bases."""
        if self.over is None:
            return self
        name = values.get("base", ends(self.hyperparameters["base"].axis)[0])
        base: Variant = importer.load(VARIANTS[name])
        return self.over(base)

    def misfit_of(self, sites: Sequence[Site]) -> str | None:
        """Why it cannot be used on a model with these sites, those included that it is not for."""
        meant = [site for site in sites if site.kind in self.kinds]
        if self.one_rate and meant and not any(site.is_last for site in meant):
            return "no Dropout layer is called in training where the model answers; use 'standard'"
        if meant:
            return self.misfit(meant)
        kinds = " or ".join(KINDS[kind] for kind in self.kinds)
        return (
            f"it drops {kinds}, and no place is of that kind, as {sites[0].path!r}; use 'standard'"
        )

    def complete(self, values: Values) -> dict[str, Any]:
        """`values` with what is not searched by default, and what follows from the rate."""
        fixed = {
            name: each.axis
            for name, each in self.hyperparameters.items()
            if each.when is None and not isinstance(each.axis, Range | tuple)
        }
        of_rate = {} if self.of_rate is None else self.of_rate(values)
        return {**fixed, **of_rate, **values}

    def ranges(self) -> list[tuple[str, str]]:
        """What is searched by default, and where, in words."""
        rows = [] if self.rate is None else [("rate", describe(self.rate))]
        for name, hp in self.hyperparameters.items():
            text = describe(hp.axis)
            if hp.of_density is not None:
                text += f" ({describe(hp.of_density)} where the metric is the nll of targets)"
            others = [choice for choice in hp.choices if choice not in ends(hp.axis)]
            if others:
                text += f" (or {', '.join(others)})"
            if hp.when is not None:
                text += f", where {hp.when[0]} is {' or '.join(map(str, hp.when[1]))}"
            rows.append((name, text))
        return rows
