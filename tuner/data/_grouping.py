"""Groups of rows that stay together: which of them are put aside."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupShuffleSplit

from tuner.data._raw import RawData
from tuner.data.structure import n_rows

_DRAWS = 50
Groups = NDArray[Any]
"""(n,) which group a row is of."""


def has_all_groups(raw: RawData) -> bool:
    """Whether every part has groups, or none has."""
    return len({raw.part(name)[3] is None for name in raw.parts}) == 1


def with_codes(raw: RawData) -> RawData:
    """The data with groups as whole numbers; rows of a part that has none are a group each.

    A line says where given parts have groups in common.
    """
    given = {name: raw.part(name)[3] for name in raw.parts}
    known = [np.asarray(groups).astype(str) for groups in given.values() if groups is not None]
    if not known:
        return raw
    names, notes = np.unique(np.concatenate(known)), list(raw.notes)
    for name, groups in given.items():
        if groups is None:
            codes = np.arange(len(names), len(names) + n_rows(raw.part(name)[0]))
        else:
            codes = np.searchsorted(names, np.asarray(groups).astype(str))
            notes.append(f"{len(np.unique(codes))} groups of rows stay together")
        raw = raw.with_part(name, *raw.part(name)[:3], codes.astype("int32"))
    for name in raw.parts[1:]:
        n, part = len(np.intersect1d(raw.groups, raw.part(name)[3])), f"the {name[1:]} part"
        notes += [f"{n} groups are in the training part and in {part} too"] if n else []
    return replace(raw, notes=tuple(dict.fromkeys(notes)))


def some_groups(groups: Groups, codes: Any, size: float, state: int) -> NDArray[np.bool_]:
    """Rows of whole groups [n bool], about `size` of all (a share, or a number), drawn by `state`.

    Of 50 draws it is the one that comes nearest to this size and, where rows have classes `codes`
    [n], to their proportions. Raises ValueError where there are not two groups.
    """
    if (groups == groups[0]).all():
        raise ValueError("they are one group, and each part needs one of its own")
    n = len(groups)
    share = size / n if size >= 1 else size
    draws = GroupShuffleSplit(_DRAWS, test_size=share, random_state=state)
    best, least = np.zeros(n, bool), np.inf
    for _, aside in draws.split(groups, groups=groups):
        off = abs(len(aside) / n - share)
        if codes is not None:
            k = int(codes.max()) + 1
            there = np.bincount(codes[aside], minlength=k) / len(aside)
            off += np.abs(there - np.bincount(codes, minlength=k) / n).sum()
        if off < least:
            best, least = np.isin(np.arange(n), aside), off
    return best


def whole_groups(groups: Groups, size: int, state: int | None) -> NDArray[np.bool_]:
    """Rows of whole groups [n bool], at most `size`, drawn by `state`, or in their order."""
    names, counts = np.unique(groups, return_counts=True)
    order = np.arange(len(names))
    if state is not None:
        order = np.random.default_rng(state).permutation(len(names))
    taken, left = [], size
    for place in order:
        if counts[place] <= left:
            taken.append(names[place])
            left -= counts[place]
    return np.isin(groups, taken)
