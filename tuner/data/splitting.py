"""Which rows train, which judge and which stay sealed: drawn by the study's seed, or by time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold, TimeSeriesSplit, train_test_split

from tuner.data._arrays import Indices
from tuner.data.settings import DataSettings
from tuner.errors import UsageError

_SALT_TEST, _SALT_VALIDATION, _SALT_TRAIN, _SALT_FOLDS = 1, 2, 3, 4
Fold = tuple[Indices, Indices]
"""Rows to train on, and those to judge on."""


@dataclass(frozen=True)
class Splitter:
    """Parts of the rows of classes `codes`, as indices; another `split` than 0 draws others.

    Classes are kept in proportion. Rows in time order are not drawn: the last ones are put aside,
    and of folds each trains on all rows before those that it judges on. Raises UsageError where
    rows, or those of a class, are too few.
    """

    codes: NDArray[np.int32] | None
    settings: DataSettings
    split: int = 0

    def sealed(self, rows: Indices, size: float) -> Fold:
        """The rows of the search, and those of the test part: a share, or a number."""
        return self._put_aside(rows, size, _SALT_TEST)

    def folds(self, rows: Indices) -> list[Fold]:
        """The rows of a search, as many times as it has folds; once without folds."""
        if self.settings.folds == 1:
            found = [self._put_aside(rows, self.settings.split.validation_split, _SALT_VALIDATION)]
        else:
            found = [(rows[train], rows[judged]) for train, judged in self._folds(rows)]
        return [(self._limited(train), judged) for train, judged in found]

    def final(self, rows: Indices) -> Indices:
        """The rows that a comparison trains on: all of a search, or `train_size` of them.

        Those are the ones that the search trains on without folds, and more where it has fewer.
        """
        rest, validation = self._put_aside(
            rows, self.settings.split.validation_split, _SALT_VALIDATION
        )
        size = self.settings.split.train_size
        if self._in_time:
            return np.concatenate([rest, validation])[-(size or 0) :]
        return np.concatenate([self._limited(rest), validation])[:size]

    @property
    def _in_time(self) -> bool:
        return self.settings.split.order == "time"

    def _state(self, salt: int) -> int:
        seed = (self.settings.seed, *([self.split] if self.split else []), salt)
        return int(np.random.SeedSequence(seed).generate_state(1)[0])

    def _put_aside(
        self, rows: Indices, size: float, salt: int, *, in_proportion: bool = True
    ) -> Fold:
        is_drawn = not self._in_time
        codes = self.codes if is_drawn and in_proportion else None
        try:
            return tuple(
                train_test_split(
                    rows,
                    test_size=size,
                    random_state=self._state(salt) if is_drawn else None,
                    shuffle=is_drawn,
                    stratify=None if codes is None else codes[rows],
                )
            )
        except ValueError as error:
            raise self._too_few(rows, "", str(error)) from None

    def _limited(self, rows: Indices) -> Indices:
        """At most `train_size` of the rows to train on."""
        size = self.settings.split.train_size
        if size is None or size >= len(rows):
            return rows
        n_classes = 0 if self.codes is None else int(self.codes.max()) + 1
        roomy = len(rows) - size >= n_classes
        return self._put_aside(rows, size, _SALT_TRAIN, in_proportion=roomy)[1]

    def _folds(self, rows: Indices) -> list[Fold]:
        n = self.settings.folds
        codes = None if self.codes is None else self.codes[rows]
        drawn = {"shuffle": True, "random_state": self._state(_SALT_FOLDS)}
        splitter = KFold(n, **drawn)
        if self._in_time:
            splitter = TimeSeriesSplit(n)
        elif codes is not None:
            splitter = StratifiedKFold(n, **drawn)
            counts = np.bincount(codes)
            if (least := counts[counts > 0].min()) < n:
                raise self._too_few(rows, f" into {n} folds", f"a class has {least}")
        try:
            return list(splitter.split(rows, codes))
        except ValueError as error:
            raise self._too_few(rows, f" into {n} folds", str(error)) from None

    def _too_few(self, rows: Indices, how: str, why: str) -> UsageError:
        return UsageError(f"{self.settings.source}: cannot split {len(rows)} rows{how}: {why}")
