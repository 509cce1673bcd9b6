"""A comparison in the store -> its result."""

import itertools
from collections.abc import Container

import optuna
from optuna.storages import BaseStorage

from tuner.comparison.companion import companion_name
from tuner.comparison.result import ComparisonResult
from tuner.comparison.scores import scores_of, trials_of
from tuner.comparison.statistics.decision import decide
from tuner.comparison.statistics.pairwise import Comparison, compare
from tuner.comparison.statistics.splits import OverSplits, over_splits
from tuner.errors import UsageError
from tuner.schema import Params
from tuner.study import attrs
from tuner.study.reading import read
from tuner.study.results import Results, TrialRow
from tuner.study.studies import load_study


class NotComparedError(UsageError):
    """There is no comparison of the study, or no trial of it is complete yet."""


def judge(parent: optuna.Study, store: BaseStorage) -> ComparisonResult:
    """The verdict of the comparison of a study, from the store; on the first split of its rows.

    Raises NotComparedError where there is none, or no trial of it is complete.
    """
    name = parent.study_name
    names = {study.study_name for study in store.get_all_studies()}
    if companion_name(name) not in names:
        raise NotComparedError(f"study {name!r} has not been compared: tuner compare {name}")
    results, trials = _read(companion_name(name), store)
    if not any(trials.values()):
        raise NotComparedError(f"no trial of the comparison of {name!r} is complete yet")
    comparison = compare(scores_of(results, trials))
    return ComparisonResult(
        study=name,
        results=results,
        trials=trials,
        comparison=comparison,
        decision=decide(comparison),
        openings=attrs.OPENINGS.of(parent.user_attrs),
        n_validation=attrs.N_VALIDATION.of(parent.user_attrs),
        splits=_splits(name, names, comparison, attrs.N_TRAIN.of(results.attrs) or 0, store),
    )


def judge_if_compared(parent: optuna.Study, store: BaseStorage) -> ComparisonResult | None:
    """The verdict of the comparison of a study, where a trial of one is complete."""
    try:
        return judge(parent, store)
    except NotComparedError:
        return None


def named(compared: Results | None) -> Params | None:
    """The network that the verdict on a comparison is about; None where no trial is complete."""
    trials = {} if compared is None else trials_of(compared)
    if compared is None or not any(trials.values()):
        return None
    return decide(compare(scores_of(compared, trials))).named.candidate.params


def _splits(
    name: str, names: Container[str], first: Comparison, n_train: int, store: BaseStorage
) -> tuple[OverSplits, ...]:
    """The comparisons on further splits, with the first; none where there are no others."""
    numbered = (companion_name(name, split) for split in itertools.count(1))
    found = (_read(other, store) for other in itertools.takewhile(names.__contains__, numbered))
    others = [
        compare(scores_of(results, trials)) for results, trials in found if any(trials.values())
    ]
    return over_splits([first, *others], n_train) if others else ()


def _read(name: str, store: BaseStorage) -> tuple[Results, dict[str, dict[int, TrialRow]]]:
    """The results of a comparison, and its complete trials by candidate and seed."""
    results = read(load_study(name, store))
    return results, trials_of(results)
