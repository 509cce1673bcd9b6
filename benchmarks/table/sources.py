"""The data sets of the table, and how networks are trained on them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tuner.data import digits
from tuner.data._raw import RawData
from tuner.data.dataset import Dataset, Split
from tuner.data.loading import open_dataset
from tuner.data.preparing import prepare
from tuner.data.settings import DataSettings, SplitSettings
from tuner.study.definition import StudyDefinition

WIDTHS = [64, 256, 512]
STUDIES: Mapping[str, Mapping[str, Any]] = {
    "noisy_digits": {"data": "digits"},
    "concrete": {"training": {"epochs": 40, "batch_size": 32}},
    "digits": {"data": "digits"},
    "mnist": {"training": {"train_size": 1000, "validation_split": 0.02}},
}
"""What each study has besides the widths, in the order in which they are trained; mnist and
concrete are files.
"""
NOISE = 0.4


def open_table(name: str, file: Path | None = None) -> tuple[StudyDefinition, Dataset]:
    """The study and the data of a table; `file` is where a data set that we do not bring lies."""
    table = {"space": {"width": WIDTHS}, **STUDIES[name], "name": name}
    if file is not None:
        table["data"] = str(file)
    definition = StudyDefinition.parse(table, name)
    dataset = open_dataset(definition.data_settings)
    return definition, redrawn(dataset) if name == "noisy_digits" else dataset


def redrawn(dataset: Dataset) -> Dataset:
    """The digits with 40 % of the training labels drawn anew, uniformly over the classes."""
    raw = digits.load()
    generator = np.random.default_rng(0)
    is_redrawn = generator.random(len(raw.y)) < NOISE
    labels = np.where(is_redrawn, generator.integers(10, size=len(raw.y)), raw.y)
    numbers = RawData(np.arange(len(raw.y), dtype="float32")[:, None], raw.y)
    rows = prepare(numbers, DataSettings("digits", split=SplitSettings(standardize=False)))
    data, chosen = dataset.train_validation, rows.train_validation.train
    assert (chosen.y == data.train.y).all()
    noisy = labels[chosen.x[:, 0].astype(int)].astype(data.train.y.dtype)
    return replace(dataset, train_validation=replace(data, train=Split(data.train.x, noisy)))
