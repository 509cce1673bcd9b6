"""'module:function' -> the object, with errors that say which half is wrong."""

import ast
import importlib
import importlib.util
import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from tuner.errors import UsageError, one_line, unknown, with_place
from tuner.silence import silenced

KEPT = ".pickle"
"""How files end with functions and arrays that a notebook gave."""


def load(reference: str) -> Any:
    """Import `module:attribute`; modules in the current folder are found too.

    In the place of the module may be a file with what a notebook gave (tuner/api/given.py). Raises
    UsageError where the module is missing, fails on import, or lacks the attribute.
    """
    module_name, _, attribute = reference.partition(":")
    if not module_name or not attribute:
        raise UsageError(f"{reference!r}: expected 'module:function'")
    if module_name.endswith(KEPT):
        return _kept(Path(module_name), attribute)
    module = _import(module_name, reference)
    try:
        return getattr(module, attribute)
    except AttributeError:
        names = [name for name in vars(module) if not name.startswith("_")]
        raise UsageError(f"{reference}: {unknown('name', attribute, names)}") from None


def _kept(path: Path, name: str) -> Any:
    """What a search in Python has kept of its functions or arrays."""
    try:
        return pickle.loads(path.read_bytes())[name]  # noqa: S301 (code, as modules are)
    except FileNotFoundError:
        raise UsageError(
            f"{path}: no such file here: tuner.search wrote it, where the study was made"
        ) from None
    except (Exception, SystemExit) as error:
        raise UsageError(f"{path} cannot be opened: {one_line(error)}") from error


def summary(reference: str) -> list[str]:
    """The docstring lines of the module in `module:attribute`, read without importing it."""
    origin = _origin(reference.partition(":")[0])
    if origin is None:
        raise UsageError(f"{reference!r}: no such module")
    docstring = ast.get_docstring(ast.parse(Path(origin).read_text(encoding="utf-8")))
    return (docstring or "").splitlines()


def _origin(module_name: str) -> str | None:
    """The file of a module, found without importing the packages that it is in."""
    name, *parts = module_name.split(".")
    spec = importlib.util.find_spec(name)
    for part in parts:
        name = f"{name}.{part}"
        spec = None if spec is None else PathFinder.find_spec(name, spec.submodule_search_locations)
    return None if spec is None else spec.origin


@dataclass(frozen=True)
class Description:
    """A module's docstring: first line, paragraph of `Name: text` lines, and the rest."""

    first: str
    fields: Mapping[str, str]
    rest: str


def described(reference: str) -> Description:
    """What the docstring of the module in `module:attribute` says, read without importing it."""
    first, _, text = "\n".join(summary(reference)).partition("\n\n")
    paragraph, _, rest = text.partition("\n\n")
    lines = (line.partition(": ") for line in paragraph.splitlines())
    return Description(first, {name: text for name, _, text in lines}, rest)


def _import(module_name: str, reference: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        with silenced(verbose="tensorflow" in sys.modules):
            return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and module_name.partition(".")[0] == error.name.partition(".")[0]:
            raise UsageError(
                f"{reference!r}: no module {error.name!r} in {here} or among the installed packages"
            ) from None
        raise UsageError(f"{reference!r}: {one_line(error)}") from error
    except (Exception, SystemExit) as error:
        raise UsageError(f"{reference!r} fails on import: {with_place(error)}") from error
