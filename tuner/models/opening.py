"""A saved model with layers of its owner's: opened with the modules that its file names."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

import tuner.dropout  # noqa: F401 (it registers the layers of ours that a file may have)
from tuner import importer
from tuner.errors import UsageError, one_line
from tuner.models.arguments import only_what_is_taken

_CONFIG = "config.json"
_LIBRARIES = ("keras", "tuner", "builtins", "tensorflow", "numpy")


def load_model(path: str | Path, *, compile: bool = True) -> keras.Model:  # noqa: A002 (Keras's)
    """The model of a .keras file; modules of its owner's are imported, from this folder too.

    What is in the file is run: open files that you trust. Raises UsageError where there is no such
    file, a module or class is missing, or a layer cannot be made again from its configuration.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read(_CONFIG))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UsageError(f"{path}: no .keras file: {one_line(error)}") from None
    found = {
        name: importer.load(f"{module}:{name.rpartition('>')[2]}") for module, name in _own(config)
    }
    try:
        with only_what_is_taken():
            return keras.saving.load_model(path, found, compile=compile, safe_mode=False)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path}: cannot be opened: {one_line(error)}") from error


def _own(node: Any) -> Iterator[tuple[str, str]]:
    """(module, name) of the classes and functions in a configuration that are of no library."""
    if isinstance(node, dict):
        module, name = str(node.get("module") or ""), str(node.get("class_name") or "")
        if module and name and module.partition(".")[0] not in _LIBRARIES:
            yield module, node["config"] if name == "function" else name
        for value in node.values():
            yield from _own(value)
    elif isinstance(node, list):
        for item in node:
            yield from _own(item)
