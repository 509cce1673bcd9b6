"""Raw data -> a Dataset: split, and in the form that a built-in model takes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tuner.data._raw import RawData
from tuner.data._targets import codes_of, is_soft, may_be_numbers
from tuner.data.dataset import Dataset, Given, Split, TrainValidation, no_scaling
from tuner.data.fingerprint import fingerprint
from tuner.data.forming import built_in, form_split, formed
from tuner.data.imputing import completed, filled
from tuner.data.kinds import kinds_of
from tuner.data.parting import marked
from tuner.data.sealing import Rows, Sealed, sealed
from tuner.data.settings import DataSettings
from tuner.data.spec import RowSpec, Spec
from tuner.data.structure import describe
from tuner.data.tables import Table
from tuner.errors import UsageError, listed


def prepare(raw: RawData, settings: DataSettings) -> Dataset:
    """Check and split, in folds too; of data that are not `as_given`, standardize each fold."""
    raw = marked(raw, settings.split, settings.source)
    parts, folds = _split(raw, settings, lambda parts: parts.splitter.folds(parts.searched))
    first, *later = (
        _data(parts, parts.rows.at(train), parts.rows.at(judged)) for train, judged in folds
    )
    return _dataset(raw, settings, replace(first, later_folds=tuple(later)), parts)


def prepare_final(raw: RawData, settings: DataSettings, split: int = 0) -> Dataset:
    """The parts after a search: trained on its rows, or `train_size` of them, judged on the test.

    What a search has as its validation part is the test part here. Another `split` than 0 draws all
    parts anew, of the same sizes, from all rows: also where the data bring a test part.
    """
    if split and settings.split.split == "ordered":
        raise UsageError(f"{settings.source}: rows in time order have one split, and no others")
    raw = marked(raw, settings.split, settings.source)
    parts, final = _split(
        raw, settings, lambda parts: parts.splitter.final(parts.searched), split=split
    )
    return _dataset(raw, settings, _data(parts, parts.rows.at(final), parts.test), parts)


def _split(
    raw: RawData, settings: DataSettings, draw: Callable[[Sealed], Any], split: int = 0
) -> tuple[Sealed, Any]:
    """The parts, and what is drawn of them: by class where rows of a guessed class suffice."""
    try:
        parts = sealed(raw, settings, split)
        return parts, draw(parts)
    except UsageError as why:
        is_guess = settings.as_given and settings.task is None
        if not (is_guess and may_be_numbers(raw.y)):
            raise
        parts = sealed(raw, settings, split, no_classes=str(why))
        return parts, draw(parts)


def _dataset(raw: RawData, settings: DataSettings, data: TrainValidation, parts: Sealed) -> Dataset:
    test_x = parts.test.x if data.fill is None else filled(parts.test.x, data.fill)
    test = Split(test_x, parts.test.y, parts.test.weight)
    if not settings.as_given:
        _refuse_unbuilt(data.spec, parts.given.no_matrix, settings.source)
        form = built_in(settings.split, data.train.x)
        data = formed(data, form)
        test = form_split(test, data, parts.given, form)
    return Dataset(data, test, fingerprint(raw))


def _refuse_unbuilt(spec: Spec, no_matrix: str, source: str) -> None:
    """Raise UsageError for what no built-in model takes."""
    if no_matrix:
        raise UsageError(f"{source}: {no_matrix}")
    what = None
    if not isinstance(spec.inputs, RowSpec):
        what = f"several arrays a row ({describe(spec.inputs)})"
    elif spec.inputs.dtype == "string":
        what = "text"
    elif spec.input_shape == ():
        what = "one number a row without an axis (x[:, None] has one)"
    elif spec.task == "own":
        what = f"targets of shape {describe(spec.targets)}"
    if what is not None:
        which = "give --model text, or yours" if what == "text" else "give --model yours"
        raise UsageError(f"{source}: the built-in models do not take {what}: {which}")


def _data(parts: Sealed, train: Rows, judged: Rows) -> TrainValidation:
    """The rows to train on, and those to judge on beside them, as they were given."""
    labels = parts.given.labels
    x, judged_x, fill = completed(train.x, judged.x, lacks=parts.given.lacks)
    return TrainValidation(
        train=Split(x, train.learned, train.weight),
        validation=Split(judged_x, judged.y, judged.weight),
        spec=replace(parts.spec, x=x.columns if isinstance(x, Table) else x),
        scaling=no_scaling(),
        classes=() if labels is None else tuple(map(str, labels)),
        features=parts.raw.features,
        notes=(parts.said, *parts.raw.notes, *_never_trained(train.learned, judged.y, parts.given)),
        given=parts.given,
        fill=fill,
        kinds=kinds_of(train.x),
    )


def _never_trained(learned: Any, judged: Any, given: Given) -> Iterator[str]:
    """What rows in time order may bring: classes that nobody could have learned."""
    labels = given.labels
    if labels is None or given.no_classes or is_soft(learned) or is_soft(judged):
        return
    new = np.setdiff1d(codes_of(judged, labels), codes_of(learned, labels))
    if new.size:
        which = listed([str(labels[code]) for code in new], 3)
        yield f"judged, and in no row that is trained on: class {which}"
