"""Data: a name, a file, or 'module:function', opened as a Dataset."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tuner import importer
from tuner.data import DATASETS
from tuner.data._elements import arrays_of
from tuner.data._objects import from_object
from tuner.data._raw import RawData
from tuner.data.dataset import Dataset
from tuner.data.files import SUFFIXES, is_file, read
from tuner.data.image_folder import is_image_folder, read_images
from tuner.data.preparing import prepare, prepare_final
from tuner.data.settings import DataSettings, said
from tuner.data.stored import mapped, where_large
from tuner.data.streams import is_stream, open_streams
from tuner.errors import TunerError, UsageError, unknown, with_place

_READ = "the data set is read into memory: what it draws anew in each pass is drawn once"


def open_dataset(settings: DataSettings) -> Dataset:
    """Load, check, split and standardize the data that `settings` name."""
    loaded = _load(settings)
    if is_stream(loaded):
        return open_streams(loaded, settings)
    return prepare(where_large(loaded), settings)


def open_sealed(settings: DataSettings, split: int = 0) -> Dataset:
    """The same data to train on train and validation part, and to judge on the test part.

    It opens the test part, and is for what comes after the search. Another `split` than 0 draws all
    parts anew. Raises UsageError where the rows are not ours to split.
    """
    loaded = _load(settings)
    if not is_stream(loaded):
        return prepare_final(where_large(loaded), settings, split)
    if split:
        raise UsageError(f"{settings.source}: tf.data sets have been split; there are no others")
    return open_streams(loaded, settings, ("train+validation", "test", "test"))


def _of_folder(settings: DataSettings) -> RawData:
    """Arrays of a folder (x.npy, y.npy, ...), or its images; it may be called as a data set is."""
    name, option = settings.source, said(settings.table, of_images=True)
    arrays = sorted(Path(name).glob("*.npy"))
    if arrays and not (settings.target or said(settings.table)):
        return from_object({file.stem: mapped(file) for file in arrays}, name)
    if settings.target is not None or option:
        raise UsageError(f"{name}: --{option or 'target'} is for tables, and this is none")
    raw = read_images(Path(name), settings.table)
    said_of = f"the folder {name} that is here, not the data set of this name"
    return replace(raw, notes=(said_of, *raw.notes)) if name in DATASETS else raw


def _load(settings: DataSettings) -> Any:
    """RawData, or tf.data sets by part."""
    name = settings.source
    if name not in DATASETS and is_file(name):
        return read(Path(name), settings.target, settings.table, settings.split)
    if Path(name).is_dir() and (name not in DATASETS or is_image_folder(Path(name))):
        return _of_folder(settings)
    if settings.target is not None:
        raise UsageError("--target names a column of a .csv or .parquet file")
    if name in DATASETS and said(settings.table):
        raise UsageError(f"--{said(settings.table)} is for tables, and {name} is none")
    if name not in DATASETS and ":" not in name:
        raise UsageError(unknown("data set", name, [*DATASETS, *(f"PATH{s}" for s in SUFFIXES)]))
    load = importer.load(DATASETS.get(name, name))
    try:
        loaded = load()
    except TunerError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"{name} failed: {with_place(error)}") from error
    if is_stream(loaded):
        return loaded
    arrays = arrays_of(loaded, name)
    raw = from_object(arrays, name, settings.table, settings.split)
    return raw if arrays is loaded else replace(raw, notes=(*raw.notes, _READ))
