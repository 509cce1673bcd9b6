"""The data sets of the table, and how networks are trained on them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuner.data.dataset import Dataset
from tuner.data.loading import open_dataset
from tuner.study.definition import StudyDefinition

WIDTHS = [64, 256, 512]
STUDIES: Mapping[str, Mapping[str, Any]] = {
    "noisy_digits": {},
    "concrete": {"training": {"epochs": 40, "batch_size": 32}},
    "digits": {},
    "mnist": {"training": {"train_size": 1000, "validation_split": 0.02}},
}
"""What each study has besides its data and the widths."""


def open_table(name: str, file: Path | None = None) -> tuple[StudyDefinition, Dataset]:
    """The study and the data of a table; `file` is where a data set that we do not bring lies."""
    table = {
        "name": name,
        "data": name if file is None else str(file),
        "space": {"width": WIDTHS},
        **STUDIES[name],
    }
    definition = StudyDefinition.parse(table, name)
    return definition, open_dataset(definition.data_settings)
