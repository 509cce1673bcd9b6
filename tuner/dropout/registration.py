"""Makes Keras know our layers where `tuner` is imported, without importing Keras for it."""

import importlib
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType


class _AfterKeras(MetaPathFinder):
    """Registers the layers when Keras has been imported, once."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 (the signature of the base)
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_register(module: ModuleType) -> None:
                run(module)
                register_layers()

            spec.loader.exec_module = run_and_register  # type: ignore[method-assign]
        return spec


def register_when_keras_is_there() -> None:
    """Register our layers with Keras now, or as soon as it is imported."""
    if "keras" in sys.modules:
        register_layers()
    else:
        sys.meta_path.insert(0, _AfterKeras())


def register_layers() -> None:
    """Import the modules of all variants: their layers register themselves.

    Whoever imports one of them by name is left alone: it may be what imports Keras just now.
    """
    if not any(name.startswith("tuner.dropout.") for name in sys.modules):
        for reference in importlib.import_module("tuner.dropout").VARIANTS.values():
            importlib.import_module(reference.partition(":")[0])
