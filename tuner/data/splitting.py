"""Which rows train, which judge and which stay sealed: drawn by the study's seed, or by time."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    StratifiedGroupKFold,
    StratifiedKFold,
    TimeSeriesSplit,
    train_test_split,
)

from tuner.data._arrays import Indices
from tuner.data._grouping import some_groups, whole_groups
from tuner.data.settings import DataSettings
from tuner.errors import UsageError

_SALT_TEST, _SALT_VALIDATION, _SALT_TRAIN, _SALT_FOLDS = 1, 2, 3, 4
Fold = tuple[Indices, Indices]
"""Rows to train on, and those to judge on."""


@dataclass(frozen=True)
class Splitter:
    """Parts of the rows of classes `codes`, as indices; another `split` than 0 draws others.

    Classes are kept in proportion, and rows of one of `groups` together. Rows in time order are not
    drawn: the last ones are put aside, and of folds each trains on all rows before those that it
    judges on. `validation` are the rows to judge on where the data say it. `names` are those of the
    classes. Raises UsageError where rows, or those of a class, are too few.
    """

    codes: NDArray[np.int32] | None
    settings: DataSettings
    split: int = 0
    groups: NDArray[np.int32] | None = None
    validation: Indices | None = None
    names: tuple[str, ...] = ()

    def sealed(self, rows: Indices, size: float) -> Fold:
        """The rows of the search, and those of the test part: a share, or a number."""
        return self._known(*self._put_aside(rows, size, _SALT_TEST))

    def folds(self, rows: Indices) -> list[Fold]:
        """The rows of a search, as many times as it has folds; once without folds."""
        if self.settings.folds == 1:
            found = [self._judged(rows)]
        elif self.validation is not None:
            raise UsageError(
                f"{self.settings.source}: it brings its own validation part: no --folds, which"
                " would judge on others"
            )
        else:
            found = [(rows[train], rows[judged]) for train, judged in self._folds(rows)]
        return [self._known(self._limited(train), judged) for train, judged in found]

    def final(self, rows: Indices) -> Indices:
        """The rows that a comparison trains on: all of a search, or `train_size` of them.

        Those are the ones that the search trains on without folds, and more where it has fewer.
        """
        rest, validation = self._judged(rows)
        size = self.settings.split.train_size
        if self._in_time and self.validation is None:
            return np.concatenate([rest, validation])[-(size or 0) :]
        train = self._limited(rest)
        if size is not None and len(rest) <= size:
            validation = self._first(validation, size - len(rest))
        elif size is not None:
            validation = validation[:0]
        return np.concatenate([train, validation])

    def _known(self, train: Indices, judged: Indices) -> Fold:
        """The two, where groups have left the first one a row of every class of the second."""
        if self.codes is not None and self.groups is not None:
            new = np.setdiff1d(self.codes[judged], self.codes[train])
            if len(new):
                name = self._name(int(new[0]))
                why = f"class {name} is in groups that judge, and in none to train on"
                raise self._too_few(train, "", why)
        return train, judged

    @property
    def _in_time(self) -> bool:
        return self.settings.split.split == "ordered"

    def _state(self, salt: int) -> int:
        seed = (self.settings.seed, *([self.split] if self.split else []), salt)
        return int(np.random.SeedSequence(seed).generate_state(1)[0])

    def _judged(self, rows: Indices) -> Fold:
        """The rows to train on, and those to judge on without folds."""
        if self.validation is not None:
            return rows, self.validation
        return self._put_aside(rows, self.settings.split.validation_split, _SALT_VALIDATION)

    def _first(self, rows: Indices, size: int) -> Indices:
        """At most `size` of rows, whole groups of them."""
        if self.groups is None:
            return rows[:size]
        return rows[whole_groups(self.groups[rows], size, None)]

    def _put_aside(
        self, rows: Indices, size: float, salt: int, *, in_proportion: bool = True
    ) -> Fold:
        is_drawn = not self._in_time
        codes = self.codes if is_drawn and in_proportion else None
        here = None if codes is None else codes[rows]
        if here is not None:
            self._refuse_alone(here, rows)
        self._refuse_small(rows, size, 1 if here is None else len(np.unique(here)))
        try:
            if self.groups is not None:
                aside = some_groups(self.groups[rows], here, size, self._state(salt))
                return rows[~aside], rows[aside]
            return tuple(
                train_test_split(
                    rows,
                    test_size=size,
                    random_state=self._state(salt) if is_drawn else None,
                    shuffle=is_drawn,
                    stratify=here,
                )
            )
        except ValueError as error:
            raise self._too_few(rows, "", str(error)) from None

    def _limited(self, rows: Indices) -> Indices:
        """At most `train_size` of the rows to train on."""
        size = self.settings.split.train_size
        if size is None or size >= len(rows):
            return rows
        if self.groups is not None:
            some = whole_groups(self.groups[rows], size, self._state(_SALT_TRAIN))
            if not some.any():
                raise self._too_few(rows, f" down to {size}", "every group has more rows")
            return rows[some]
        n_classes = 0 if self.codes is None else int(self.codes.max()) + 1
        roomy = len(rows) - size >= n_classes
        return self._put_aside(rows, size, _SALT_TRAIN, in_proportion=roomy)[1]

    def _folds(self, rows: Indices) -> list[Fold]:
        n = self.settings.folds
        codes = None if self.codes is None else self.codes[rows]
        groups = None if self.groups is None else self.groups[rows]
        if codes is not None and not self._in_time and groups is None:
            counts = np.bincount(codes, minlength=1)
            if (least := counts[counts > 0].min()) < n:
                name = self._name(int(np.flatnonzero(counts == least)[0]))
                raise self._too_few(rows, f" into {n} folds", f"class {name} has {least}")
        try:
            return list(self._fold_splitter(n).split(rows, codes, groups))
        except ValueError:
            what = "rows" if groups is None else "groups"
            raise self._too_few(rows, f" into {n} folds", f"there are too few {what}") from None

    def _fold_splitter(self, n: int) -> Any:
        if self._in_time:
            return TimeSeriesSplit(n)
        drawn = {"shuffle": True, "random_state": self._state(_SALT_FOLDS)}
        if self.groups is not None:
            return (GroupKFold if self.codes is None else StratifiedGroupKFold)(n, **drawn)
        return (KFold if self.codes is None else StratifiedKFold)(n, **drawn)

    def _refuse_alone(self, codes: NDArray[np.int32], rows: Indices) -> None:
        """A class of one row cannot be in two parts."""
        alone = np.flatnonzero(np.bincount(codes) == 1)
        if len(alone) and self.groups is None:
            more = f" (and {len(alone) - 1} more)" if len(alone) > 1 else ""
            why = f"class {self._name(int(alone[0]))}{more} has one row, and each part needs one:"
            is_number = self._name(int(alone[0])).strip("'-").isdigit()
            other = ", or take them as numbers (--task regression)" if is_number else ""
            raise self._too_few(rows, "", f"{why} drop it, or join it with another class{other}")

    def _refuse_small(self, rows: Indices, size: float, n_classes: int) -> None:
        """Each of two parts needs a row, and one of each class."""
        n_aside = math.ceil(size * len(rows)) if isinstance(size, float) else size
        least = min(n_aside, len(rows) - n_aside)
        if least < n_classes:
            of_what = f" for {n_classes} classes" if n_classes > 1 else ""
            why = f"a part would have {least}{of_what}: it takes more rows, or a larger part"
            raise self._too_few(rows, f" into {len(rows) - n_aside} and {n_aside}", why)

    def _name(self, code: int) -> str:
        return repr(self.names[code]) if code < len(self.names) else str(code)

    def _too_few(self, rows: Indices, how: str, why: str) -> UsageError:
        return UsageError(f"{self.settings.source}: cannot split {len(rows)} rows{how}: {why}")
