"""Raw rows, and what becomes of them."""

from dataclasses import replace

import numpy as np

from tuner.data._raw import RawData
from tuner.data.preparing import prepare
from tuner.study.definition import StudyDefinition

N, N_CLASSES = 200, 4

RAW_SCALE = {"training": {"standardize": False}}

ROWS = np.random.default_rng(0).normal(3.0, 2.0, (N, 5))

LABELS = np.arange(N) % N_CLASSES

NUMBERS = ROWS @ np.arange(5.0) + 100.0

NUMBERED = RawData(np.column_stack([np.arange(N), ROWS]), LABELS)


def prepared(raw, **table):
    return prepare(
        raw, replace(StudyDefinition.parse(table, "test").data_settings, source="my data")
    )


def with_value(array, value):
    changed = array.astype(float)
    changed.flat[7] = value
    return changed
