"""Trials -> Curves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

from tuner.schema import Axis, Params
from tuner.study import attrs
from tuner.study.curves.answer import Curves
from tuner.study.curves.model import Model
from tuner.study.curves.trials import tried
from tuner.study.curves.tried import Tried
from tuner.study.results import Results

FEWEST = 5


@lru_cache(maxsize=2)
def fit(results: Results) -> Curves | None:
    """What is known after a search: once for all that ask of the same reading of it.

    None where fewer than five trials are complete, or none is without dropout.
    """
    n = Counter(row.variant for row in results.trials if row.value is not None)
    found = tried(results)
    if found is None or sum(n.values()) < FEWEST or not n["none"]:
        return None
    names = (row.variant for row in results.trials if row.is_finished)
    rows = attrs.N_VALIDATION.of(results.attrs) if results.is_share else None
    return Curves(
        _model(found),
        found,
        {name: n[name] for name in names},
        results.maximize,
        rows or None,
    )


def of_values(
    params: Sequence[Params],
    values: Sequence[float],
    *,
    maximize: bool,
    axes: Mapping[str, Axis] | None = None,
) -> Curves:
    """The same from plain lists: complete trials, one without dropout among them."""
    found = Tried.of(params, values, maximize=maximize, axes=axes)
    n = Counter(str(each["variant"]) for each in params)
    return Curves(_model(found), found, dict(n), maximize)


def _model(found: Tried) -> Model:
    """The model, with fewer likely variances beside the best the more trials there are to tell."""
    return Model.fit(found, n_others=2 * max(2, min(8, 2000 // len(found.params))))
