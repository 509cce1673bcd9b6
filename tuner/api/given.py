"""Functions, models and arrays of a notebook as files in the folder of their study.

A definition names them as it names a user's own: by a reference that every process of this folder
can follow. The name of a file has a digest of what is in it: other code is another definition.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle

from tuner.api.digest import digest, importable
from tuner.errors import UsageError, one_line
from tuner.importer import KEPT

_NAME = "given"
_NUMBERS = re.compile(r'_\d+(?=\\*")|"shared_object_id\\*": \d+')
"""What Keras counts up from one model to the next that is made in a process."""


def reference(value: Any, kind: str, folder: Path, *, keeps: bool = False) -> str:
    """What a definition calls a function, a keras.Model or data: a module's name, or a file.

    A function that can be imported is named. Weights of a model count where it `keeps` them.
    Raises UsageError where something cannot be kept.
    """
    if isinstance(value, str):
        return value
    if callable(value) and (name := importable(value)):
        return name
    if _is_model(value):
        return _saved(value, folder, keeps=keeps)
    if is_frame(value):
        path = folder / f"{kind}-{digest(value)}.parquet"
        if not path.exists():
            _write(path, lambda part: value.to_parquet(part, index=False))
        return str(path)
    if hasattr(value, "element_spec"):
        raise UsageError("a tf.data.Dataset stays in its process: give a function that makes it")
    kept = value if callable(value) else partial(_itself, value)
    path = folder / f"{kind}-{digest(value)}{KEPT}"
    if not path.exists():
        try:
            data = cloudpickle.dumps({_NAME: kept})
            _write(path, lambda part: part.write_bytes(data))
        except (OSError, TypeError, ValueError, AttributeError) as error:
            raise UsageError(
                f"{kind} cannot be kept for other processes: {one_line(error)}"
            ) from error
    return f"{path}:{_NAME}"


def kept_in(given: Mapping[str, Any]) -> str:
    """What users are told where a definition names files of ours; nothing where it does not."""
    names = [str(value) for value in given.values() if f"{KEPT}:{_NAME}" in str(value)]
    if not names:
        return ""
    files = ", ".join(name.partition(":")[0] for name in names)
    return f"kept in {files}: workers on other machines need it, or a 'module:function'"


def is_frame(value: Any) -> bool:
    """Whether it is a data frame of pandas, alone: a table whose target is one of its columns."""
    return hasattr(value, "to_parquet") and hasattr(value, "columns")


def _itself(value: Any) -> Any:
    return value


def _is_model(value: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Model)


def _saved(model: Any, folder: Path, *, keeps: bool) -> str:
    """A model as a .keras file; its weights count where a training begins with them."""
    from tuner.models.preprocessing import keeps_state  # noqa: PLC0415 (Keras)
    from tuner.training.likeness import undecayed  # noqa: PLC0415 (Keras)

    if undecayed(model):
        raise UsageError(
            "the optimizer of this model was told what not to decay (exclude_from_weight_decay),"
            " which no .keras file has: give a function that makes the model"
        )
    try:
        config = json.dumps(
            [model.to_json(), model.get_compile_config() if model.compiled else None]
        )
        knowing = [layer for layer in model.layers if keeps or keeps_state(layer)]
        weights = [array for layer in knowing for array in layer.get_weights()]
        name = digest([_NUMBERS.sub("", config), weights])
        path = folder / f"model-{name}.keras"
        if not path.exists():
            _write(path, model.save)
    except (TypeError, ValueError, NotImplementedError) as error:
        raise UsageError(
            f"this model cannot be kept for other processes, give a function that makes it:"
            f" {one_line(error)}"
        ) from error
    return str(path)


def _write(path: Path, save: Callable[[Path], object]) -> None:
    """All of it, or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part.{path.name}")
    try:
        save(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
