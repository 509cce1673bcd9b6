"""What goes between a store that is served and its workers, as JSON: numbers, texts, and these.

Nothing is ever made of what comes but the types that are named here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from optuna.distributions import BaseDistribution, distribution_to_json, json_to_distribution
from optuna.study import StudyDirection
from optuna.study._frozen import FrozenStudy
from optuna.trial import FrozenTrial, TrialState

from tuner.storage.enqueue import Queued
from tuner.storage.lease import Lease
from tuner.storage.running import Running
from tuner.storage.tables import TrialRecord
from tuner.storage.tally import Done, StudySummary, Tally

_KIND, _VALUE = "$", "of"
_DATACLASSES: Mapping[str, Any] = {
    each.__name__: each for each in (Lease, Queued, Running, Tally, TrialRecord)
}
_TRIAL = (
    *("number", "state", "datetime_start", "datetime_complete", "params", "distributions"),
    *("user_attrs", "system_attrs", "intermediate_values", "values"),
)
_STUDY = ("study_name", "user_attrs", "system_attrs")


def dumps(value: Any) -> bytes:
    """A value as it is sent; TypeError where it is of another type than these."""
    return json.dumps(_encoded(value)).encode()


def loads(data: bytes) -> Any:
    """What was sent; ValueError where that is nothing that `dumps` writes."""
    try:
        return _decoded(json.loads(data))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not what is sent between a store and its workers: {error}") from None


def _encoded(value: Any) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return _encoded_dict(value)
    if isinstance(value, list | tuple) and not isinstance(value, StudySummary | Done):
        return [_encoded(each) for each in value]
    for kind, name, parts in _ENCODERS:
        if isinstance(value, kind):
            return {_KIND: name or type(value).__name__, _VALUE: parts(value)}
    if isinstance(value, int | float):
        return value
    raise TypeError(f"{type(value).__name__} is not sent between a store and its workers")


def _parts_of_trial(trial: FrozenTrial) -> Any:
    given = {name: getattr(trial, name) for name in _TRIAL}
    return _encoded(given | {"trial_id": trial._trial_id})


def _parts_of_study(study: FrozenStudy) -> Any:
    given = {name: getattr(study, name) for name in _STUDY}
    return _encoded(given | {"directions": study.directions, "study_id": study._study_id})


def _fields(value: Any) -> Any:
    return _encoded({each.name: getattr(value, each.name) for each in fields(value)})


def _encoded_dict(value: Mapping[Any, Any]) -> Any:
    """Keys that are no texts, and the one that means a type, are in pairs."""
    if all(isinstance(key, str) and key != _KIND for key in value):
        return {key: _encoded(each) for key, each in value.items()}
    pairs = [[_encoded(key), _encoded(each)] for key, each in value.items()]
    return {_KIND: "dict", _VALUE: pairs}


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    if _KIND not in value:
        return {key: _decoded(each) for key, each in value.items()}
    return _DECODERS[value[_KIND]](value[_VALUE])


def _trial(value: Any) -> FrozenTrial:
    return FrozenTrial(value=None, **_decoded(value))


def _study(value: Any) -> FrozenStudy:
    return FrozenStudy(direction=None, **_decoded(value))


def _pairs(value: Any) -> dict[Any, Any]:
    return {_decoded(key): _decoded(each) for key, each in value}


def _dataclass(kind: Any) -> Callable[[Any], Any]:
    def decode(value: Any) -> Any:
        found = _decoded(value)
        if kind is TrialRecord:  # pairs have no type of their own in JSON
            found["params"] = {name: tuple(pair) for name, pair in found["params"].items()}
        return kind(**found)

    return decode


_ENCODERS: tuple[tuple[Any, str, Callable[[Any], Any]], ...] = (
    (TrialState, "TrialState", lambda value: value.name),
    (StudyDirection, "StudyDirection", lambda value: value.name),
    (datetime, "datetime", lambda value: value.astimezone(UTC).isoformat()),
    (BaseDistribution, "distribution", distribution_to_json),
    (FrozenTrial, "trial", _parts_of_trial),
    (FrozenStudy, "study", _parts_of_study),
    (StudySummary | Done, "", lambda value: [_encoded(each) for each in value]),
    (set, "set", lambda value: [_encoded(each) for each in sorted(value)]),
    (tuple(_DATACLASSES.values()), "", _fields),
)
_DECODERS: Mapping[str, Callable[[Any], Any]] = {
    "TrialState": lambda name: TrialState[name],
    "StudyDirection": lambda name: StudyDirection[name],
    "datetime": lambda text: datetime.fromisoformat(text).astimezone().replace(tzinfo=None),
    "distribution": json_to_distribution,
    "trial": _trial,
    "study": _study,
    "StudySummary": lambda value: StudySummary(*map(_decoded, value)),
    "Done": lambda value: Done(*map(_decoded, value)),
    "dict": _pairs,
    "set": lambda value: {_decoded(each) for each in value},
    **{name: _dataclass(kind) for name, kind in _DATACLASSES.items()},
}
