"""A definition's model: a name, a .keras file, or 'module:function', as a build function."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras

from tuner import importer
from tuner.data.spec import Spec
from tuner.errors import UsageError, one_line, unknown
from tuner.models import DEFAULT_AXES, MODELS
from tuner.schema import Axis

Build = Callable[[Mapping[str, Any], Spec], keras.Model]


def default_axes(build: Build) -> dict[str, Axis]:
    """What is searched where the study file does not say: AXES of the model's module, if any."""
    return dict(getattr(sys.modules[build.__module__], "AXES", DEFAULT_AXES))


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


def open_model(reference: str) -> Build:
    """The `build(params, spec) -> keras.Model` that `reference` names."""
    if reference not in MODELS and reference.endswith(".keras"):
        return _from_file(Path(reference))
    if reference not in MODELS and ":" not in reference:
        raise UsageError(unknown("model", reference, [*MODELS, "PATH.keras", "module:function"]))
    build = importer.load(MODELS.get(reference, reference))
    if not callable(build):
        raise UsageError(f"{reference}: expected a function build(params, spec), got {build!r}")
    return build  # type: ignore[no-any-return]


def build_model(build: Build, params: Mapping[str, Any], spec: Spec, source: str) -> keras.Model:
    """Call a build function; UsageError says what it raised, or that it gave no Keras model."""
    try:
        model = build(params, spec)
    except UsageError:
        raise
    except KeyError as error:
        raise UsageError(
            f"model {source!r} reads params[{error}], which the search space does not have:"
            f" give [space] {error.args[0]}, or read it with a default"
        ) from error
    except Exception as error:
        raise UsageError(f"model {source!r} fails: {one_line(error)}") from error
    if not isinstance(model, keras.Model):
        raise UsageError(f"model {source!r}: expected a keras.Model, got {type(model).__name__}")
    return model


def _from_file(path: Path) -> Build:
    """A saved model, loaded in safe mode; every build starts from fresh weights."""
    if not path.is_file():
        raise UsageError(f"{path}: no such model file")
    try:
        saved = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        raise UsageError(f"{path}: cannot be loaded in safe mode: {one_line(error)}") from error

    def build(_params: Mapping[str, Any], _spec: Spec) -> keras.Model:
        return keras.models.clone_model(saved)

    return build
