"""`tuner.search`: a study from Python, with names, files, functions, models or arrays."""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tuner.api import progress, searching
from tuner.api.defining import definition_of
from tuner.api.given import is_frame, kept_in, reference
from tuner.api.processes import Processes
from tuner.api.quiet import quietly
from tuner.api.refused import in_words, undone
from tuner.api.store import url_of
from tuner.api.study import Study
from tuner.errors import UsageError, unknown
from tuner.study.folder import folder_of
from tuner.study.keywords import KEYS, signature_of
from tuner.study.studies import check_names
from tuner.study.study_file import stem
from tuner.workers import pool

_OBJECTS = ("model", "data", "validation", "test", "metric", "callbacks")
"""Options that may be a function, a model or data."""


def search(  # noqa: PLR0913 (as the command, and Keras's fit)
    model: Any = None,
    data: Any = None,
    *,
    validation_data: Any = None,
    test_data: Any = None,
    study: str | None = None,
    add: int | None = None,
    timeout: float | None = None,
    jobs: int | None = None,
    storage: str | None = None,
    quiet: bool = False,
    **options: Any,
) -> Study:
    """Run a study until it has its trials, as `tuner search` does, and give it.

    `model` is a name, a .keras file, `module:function`, a function build(params, spec), or a
    keras.Model; `data` a name, a file, `module:function`, a function, (x, y), (x, y,
    sample_weight), a mapping of these by part, or a data frame with a `target`. Every option of a
    study file is a keyword of its name; `study` is the file, or the study of the store, that they
    are laid over. The same call again completes what is missing, after an interrupt too: trials
    that are finished are kept.

    `add` asks for that many trials more, `timeout` is in seconds, `jobs` are worker processes (one
    a core). Raises UsageError where something is not known or does not fit, StoreError where the
    study of this name is another, BudgetError where `timeout` or failing trials end it before.
    """
    pool.prepare()
    with quietly():
        objects = {"model": model, **_parts(data, validation_data, test_data)}
        url, said = url_of(storage), _said(objects, study, options)
        folder = folder_of(str(said.get("name")))
        with undone(folder) as stay:
            given, words = _kept(said, folder)
            definition = definition_of(study, given, url, "tuner.search")
            check_names(definition)
            run = partial(
                searching.run, timeout=timeout, add=add, notice=kept_in(given), begun=stay
            )
            with in_words(words), progress.in_python(quiet=quiet) as listen:
                run(definition, url, Processes(jobs), listen)
    found = Study(definition.name, url)
    if definition.compare.after_search:
        found.compare(jobs=jobs, quiet=quiet)
    return found


search.__signature__ = signature_of(search)  # type: ignore[attr-defined]


def _said(
    objects: Mapping[str, Any], study: str | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What is said of a study, by the names of its options; it has a name where objects are."""
    for name in options:
        if name not in KEYS:
            raise UsageError(unknown("option of tuner.search", name, KEYS))
    said = {name: value for name, value in options.items() if value is not None}
    named = {name: _path(value) for name, value in objects.items() if value is not None}
    if isinstance(weights := said.get("class_weight"), Mapping):
        said["class_weight"] = {str(key): float(value) for key, value in weights.items()}
    if not all(isinstance(value, str) for value in named.values()):
        said.setdefault("name", _name(study, named))
    return said | named


def _kept(said: Mapping[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """What is laid over a definition, by dotted keys, and what the files in it are called.

    Objects are files from here on.
    """
    keeps, given, words = said.get("weights") == "keep", _space(said), {}
    for name, value in said.items():
        if name == "space":
            continue
        given[KEYS[name]] = value
        if name in _OBJECTS:
            found = given[KEYS[name]] = reference(value, name, folder, keeps=keeps)
            if not isinstance(value, str):
                words[found] = str(getattr(value, "__name__", None) or name)
    return given, words


def _space(said: Mapping[str, Any]) -> dict[str, Any]:
    """The axes of `space`, by dotted keys; UsageError where one is a keyword besides."""
    axes = said.get("space", {})
    if not isinstance(axes, Mapping):
        raise UsageError(f"tuner.search: space: expected a mapping, got {axes!r}")
    for name in axes:
        if name in said:
            raise UsageError(f"tuner.search: {name} is given twice, by itself and in space")
    return {f"space.{name}": axis for name, axis in axes.items()}


def _parts(data: Any, validation: Any, test: Any) -> dict[str, Any]:
    """Data with the parts that are given beside them; those of a table are tables."""
    if is_frame(data):
        return {"data": data, "validation": validation, "test": test}
    parts = {"train": data, "validation": validation, "test": test}
    found = {name: part for name, part in parts.items() if part is not None}
    if len(found) < 2:
        return {"data": data}
    if data is None or any(isinstance(part, str) for part in found.values()):
        raise UsageError(
            "validation_data and test_data are for arrays: of files give validation= and test="
        )
    return {"data": found}


def _path(value: Any) -> Any:
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _name(study: str | None, named: Mapping[str, Any]) -> str:
    """What a study is called that has no name: as its file, or after data and model."""
    if study:
        return Path(study.removesuffix(".toml")).name
    return "-".join(_stem(named[name]) for name in ("data", "model") if name in named)


def _stem(value: Any) -> str:
    if isinstance(value, str):
        return stem(value)
    if is_frame(value):
        return "table"
    name = str(getattr(value, "__name__", None) or getattr(value, "name", None) or "arrays")
    return stem(name.strip("<>"))
