"""Definition + storage -> Optuna study: created, loaded, or refused."""

import importlib.metadata
import importlib.util
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import optuna
from optuna.storages import BaseStorage

from tuner.data import DATASETS
from tuner.errors import StoreError, UsageError, unknown
from tuner.models import MODELS
from tuner.schema import VARIANTS
from tuner.storage.optuna_objects import S, StoredStudy
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.pruners import PRUNERS
from tuner.study.samplers import SAMPLERS
from tuner.training.naming import Direction

_NOT_IDENTITY = (
    "name",
    "data",
    "training.test_rows",
    "training.max_",
    "search.trials",
    "compare.",
)
"""Names of files may change: what is in them is in the fingerprint of the data."""


def check_names(definition: StudyDefinition) -> None:
    """Refuse what is not in a table, naming the nearest that is. Imports nothing heavy."""
    hps, variants = definition.space.hyperparameters, definition.space.variant or ()
    named: list[tuple[str, str, Mapping[str, Any]]] = [
        ("data set", definition.data, DATASETS),
        ("model", definition.model, MODELS),
        ("sampler", definition.search.sampler, SAMPLERS),
        ("pruner", definition.search.pruner, PRUNERS),
        *(("variant", name, VARIANTS) for name in variants),
        *(("variant", name, VARIANTS) for name in hps),
    ]
    for kind, name, table in named:
        reference = kind in ("data set", "model") and (":" in name or "." in name)
        reference = reference or (kind == "data set" and Path(name).is_dir())
        if name not in table and not reference:
            raise UsageError(unknown(kind, name, table))
    if definition.search.sampler == "gp" and importlib.util.find_spec("torch") is None:
        raise UsageError("sampler 'gp' needs torch: pip install torch, or use 'tpe'")


def open_study(
    definition: StudyDefinition,
    fingerprint: str,
    storage: S,
    extra: Mapping[str, Any] = MappingProxyType({}),
) -> StoredStudy[S]:
    """Create the study, or load it where the store has it with the same definition and data.

    It gets `extra` as user attributes. Raises StoreError naming what differs otherwise.
    """
    study, is_new = make_study(definition.name, definition.better, storage)
    if is_new:
        _describe(study, definition, fingerprint)
    else:
        _refuse_changes(study, definition, fingerprint)
        _renew_limits(study, definition)
    known = study.user_attrs
    attrs.set_all(study, {name: value for name, value in extra.items() if known.get(name) != value})
    return study


def make_study(name: str, better: Direction, storage: S) -> tuple[StoredStudy[S], bool]:
    """The study of a name, and whether it is new: it has no definition yet, which is written last.

    So is one that another process was ended in making.
    """
    known = {study.study_name: study.user_attrs for study in storage.get_all_studies()}
    is_begun = attrs.VERSION.is_in(known.get(name, {}))
    is_new = name not in known or (is_begun and not attrs.DEFINITION.is_in(known[name]))
    if name not in known:
        optuna.create_study(study_name=name, storage=storage, direction=better, load_if_exists=True)
    study = StoredStudy(name, storage)
    if is_new:
        attrs.VERSION.set(study, attrs.ATTRS_VERSION)
    return study, is_new


def _describe(study: optuna.Study, definition: StudyDefinition, fingerprint: str) -> None:
    attrs.DATA.set(study, fingerprint)
    attrs.VERSIONS.set(study, versions())
    study.set_metric_names([str(definition.metric)])
    attrs.DEFINITION.set(study, definition.to_table())


def load_study(name: str, storage: S, known: Sequence[str] = ()) -> StoredStudy[S]:
    """A study of the store; UsageError names the studies there are, and those `known` besides."""
    names = [study.study_name for study in storage.get_all_studies()]
    if name not in names:
        raise UsageError(unknown("study", name, [*names, *known]))
    return StoredStudy(name, storage)


def latest(storage: BaseStorage) -> str:
    """The name of the study that was made last. Raises UsageError where there is none."""
    names = [each.study_name for each in storage.get_all_studies()]
    own = [name for name in names if "/" not in name]  # others are comparisons
    if not own:
        raise UsageError("no study is in the store yet: 'tuner search' makes one")
    return max(own, key=storage.get_study_id_from_name)


def definition_of(study: optuna.Study) -> StudyDefinition:
    """The definition that a study was created with; StoreError where tuner did not create it."""
    stored = study.user_attrs
    table = attrs.DEFINITION.of(stored)
    if table is None:
        raise StoreError(f"study {study.study_name!r} was not created by tuner")
    if attrs.VERSION.of(stored) > attrs.ATTRS_VERSION:
        newer = (attrs.VERSIONS.of(stored) or {}).get("dropout-tuner", "")
        raise StoreError(
            f"study {study.study_name!r} is of a newer tuner: pip install --upgrade"
            f" 'dropout-tuner{newer and f'>={newer}'}'"
        )
    training = dict(table.get("training", {}))
    if table.get("task") == "regression":  # they always were, before there was a key for it
        training.setdefault("standardize_targets", True)
    return StudyDefinition.parse(
        {**table, "training": training}, f"study {study.study_name!r} in the store"
    )


def versions() -> dict[str, str]:
    """What a study's values depend on."""
    packages = ("dropout-tuner", "optuna", "tensorflow", "keras", "numpy")
    return {
        "python": platform.python_version(),
        **{name: importlib.metadata.version(name) for name in packages},
    }


def refuse_other_data(stored: Mapping[str, Any], data: str, fingerprint: str) -> None:
    """Raise UsageError where `data` are others than those of the study with these attributes."""
    if attrs.DATA.of(stored) != fingerprint:
        raise UsageError(f"{data}: the data changed since the study was made{_hint(data)}")


def _hint(data: str) -> str:
    """What a function that gives other rows at each call has to do."""
    return ", or a seed is missing where its rows are drawn" if ":" in data else ""


def _refuse_changes(study: optuna.Study, definition: StudyDefinition, fingerprint: str) -> None:
    was, now = _flat(definition_of(study).to_table()), _flat(definition.to_table())
    changes = [
        f"{key} was {was.get(key, 'unset')}, now {now.get(key, 'unset')}"
        for key in sorted(was | now)
        if was.get(key) != now.get(key) and not key.startswith(_NOT_IDENTITY)
    ]
    if attrs.DATA.of(study.user_attrs) != fingerprint:
        changes.append(f"the data are others{_hint(definition.data)}")
    if changes:
        raise StoreError(
            f"study {definition.name!r} exists with another definition ({'; '.join(changes)}):"
            " give --name to start another"
        )


def _renew_limits(study: optuna.Study, definition: StudyDefinition) -> None:
    """Have those who read the definition from the store keep to the limits that are asked for."""
    stored, limits = definition_of(study), definition.training.limits
    if stored.training.limits != limits:
        training = stored.training.model_copy(update=limits)
        attrs.DEFINITION.set(study, stored.model_copy(update={"training": training}).to_table())


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat
