"""A definition's data: a name, a file, or 'module:function', opened as a Dataset."""

from pathlib import Path

from tuner import importer
from tuner.data import DATASETS
from tuner.data._files import SUFFIXES, read
from tuner.data._raw import from_object
from tuner.data.dataset import prepare
from tuner.data.parts import Dataset
from tuner.data.streams import is_stream, open_streams
from tuner.definition import StudyDefinition
from tuner.errors import TunerError, UsageError, one_line, unknown


def open_dataset(definition: StudyDefinition) -> Dataset:
    """Load, check, split and standardize the data that `definition` names."""
    name = definition.data
    if name not in DATASETS and Path(name).suffix in SUFFIXES:
        return prepare(read(Path(name), definition.target), definition, name)
    if definition.target is not None:
        raise UsageError("--target names a column of a .csv or .parquet file")
    if name not in DATASETS and ":" not in name:
        raise UsageError(unknown("data set", name, [*DATASETS, *(f"PATH{s}" for s in SUFFIXES)]))
    load = importer.load(DATASETS.get(name, name))
    try:
        loaded = load()
    except TunerError:
        raise
    except Exception as error:
        raise UsageError(f"{name} failed: {one_line(error)}") from error
    if is_stream(loaded):
        return open_streams(loaded, definition)
    return prepare(from_object(loaded, name), definition, name)
