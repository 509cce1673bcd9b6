"""A definition's model: a name, a .keras file, or 'module:function', as a build function."""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import keras

from tuner import importer
from tuner.data.dataset import Split
from tuner.data.spec import Spec
from tuner.errors import UsageError, one_line, unknown, with_place
from tuner.models import DEFAULT_AXES, MODELS
from tuner.models.arguments import arguments_kept
from tuner.models.calling import call
from tuner.models.preprocessing import keeps_state
from tuner.schema import Axis

Build = Callable[[Mapping[str, Any], Spec], keras.Model]


def default_axes(build: Build) -> dict[str, Axis]:
    """What is searched where the study file does not say: AXES of the model's module, if any.

    A function of a notebook has none: processes that train have its function alone.
    """
    module = None if build.__module__ == "__main__" else sys.modules.get(build.__module__)
    return dict(getattr(module, "AXES", DEFAULT_AXES))


_HP = ("Int", "Float", "Choice", "Boolean", "Fixed")
"""What a function of KerasTuner's asks for its hyperparameters; Optuna's are `suggest_...`."""


class Reads(dict[str, Any]):
    """Params that remember which of them were read."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        super().__init__(params)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.read.add(name)
        return super().get(name, default)

    def __getattr__(self, name: str) -> Any:
        """Tell a function that was written for KerasTuner or Optuna what it is called with here."""
        if name in _HP or name.startswith("suggest_"):
            return partial(_translate, name)
        raise AttributeError(f"params have no attribute {name!r}: they are a mapping, params[...]")


def _translate(method: str, name: str = "width", *_given: Any, **_named: Any) -> None:
    asked = f"hp.{method}" if method in _HP else f"trial.{method}"
    whose = "KerasTuner's" if method in _HP else "Optuna's"
    raise UsageError(
        f"{asked}({name!r}, ...) is {whose}: tuner calls build(params, spec); read params[{name!r}]"
        f" there, and give what it may be: space={{{name!r}: [...]}}, or [space] {name} = [...]"
    )


def open_model(reference: str, *, keeps: bool = False) -> Build:
    """The `build(params, spec) -> keras.Model` that `reference` names.

    A function may take one of the two, or none.
    """
    if reference not in MODELS and reference.endswith(".keras"):
        return _from_file(Path(reference), keeps=keeps)
    if reference not in MODELS and ":" not in reference:
        raise UsageError(unknown("model", reference, [*MODELS, "PATH.keras", "module:function"]))
    build = importer.load(MODELS.get(reference, reference))
    if not callable(build):
        raise UsageError(f"{reference}: expected a function build(params, spec), got {build!r}")
    return _of_both(build, reference)


def _of_both(build: Callable[..., Any], reference: str) -> Build:
    """A build function of params and spec, whichever of them it takes."""
    signature = inspect.signature(build)
    places = [
        each.name
        for each in signature.parameters.values()
        if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        and (each.default is each.empty or each.name in ("params", "spec"))
    ]
    if any(each.kind == each.VAR_POSITIONAL for each in signature.parameters.values()):
        return build
    if len(places) > 2:
        raise UsageError(f"{reference}: expected build(params, spec), got build{signature}")
    if len(places) == 2 and places[0] != "spec":
        return build

    @functools.wraps(build)
    def both(params: Mapping[str, Any], spec: Spec) -> Any:
        return build(*(spec if place == "spec" else params for place in places))

    return both


def build_model(
    build: Build, params: Mapping[str, Any], spec: Spec, source: str, rows: Split | None = None
) -> keras.Model:
    """Call a build function; UsageError says what it raised, or that it gave no Keras model.

    A model that has no weights until it is called, as a subclassed one, is called on `rows`.
    """
    try:
        with arguments_kept():
            model = build(params, spec)
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        name = error.args[0] if isinstance(error, KeyError) and error.args else None
        if name is not None and name in getattr(params, "read", (name,)):
            raise UsageError(
                f"model {source!r} reads params[{error}], which the search space does not have:"
                f" give [space] {name}, or read it with a default"
            ) from error
        raise UsageError(f"model {source!r} fails: {with_place(error)}") from error
    if not isinstance(model, keras.Model):
        raise UsageError(f"model {source!r}: expected a keras.Model, got {type(model).__name__}")
    if rows is not None and not model.built:
        call(model, rows, source)
    return model


def _from_file(path: Path, *, keeps: bool) -> Build:
    """A saved model, loaded in safe mode; a build `keeps` its weights, or begins with fresh ones.

    What is not learned stays: vocabularies, adapted normalizations, and the compile.
    """
    if not path.is_file():
        raise UsageError(f"{path}: no such model file")
    try:
        saved = keras.saving.load_model(path, compile=True, safe_mode=True)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path}: cannot be loaded in safe mode: {one_line(error)}") from error

    def copy(layer: keras.layers.Layer) -> keras.layers.Layer:
        return layer if keeps_state(layer) else type(layer).from_config(layer.get_config())

    def build(_params: Mapping[str, Any], _spec: Spec) -> keras.Model:
        has_graph = isinstance(saved, keras.Sequential | keras.Function)
        model = keras.models.clone_model(saved, clone_function=copy if has_graph else None)
        if keeps:
            model.set_weights(saved.get_weights())
        if saved.compiled:
            model.compile_from_config(saved.get_compile_config())
        return model

    return build
