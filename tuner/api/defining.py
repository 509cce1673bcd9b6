"""The definition that is meant: of a study file, or of the store, under what is laid over it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuner import DEFAULT_STORAGE
from tuner.errors import UsageError
from tuner.storage.connect import open_storage
from tuner.study import studies, study_file
from tuner.study.definition import StudyDefinition


def definition_of(
    study: str | None, given: Mapping[str, Any], url: str, source: str = "command line"
) -> StudyDefinition:
    """The definition of a study file, or of the store, with values by dotted keys over it.

    Raises UsageError where there is no such study, or a value is wrong: `source` gave it.
    """
    definition = study_file.read(study, given, source)
    if definition is not None:
        return definition
    default = Path(DEFAULT_STORAGE.removeprefix("sqlite:///"))
    if url == DEFAULT_STORAGE and not default.exists():
        raise UsageError(
            f"no study {study!r}: neither studies/{study}.toml nor a store to look in"
            f" (there are: {', '.join(study_file.names())})"
        )
    found = studies.load_study(str(study), open_storage(url), study_file.names())
    return study_file.override(studies.definition_of(found), given, source)
