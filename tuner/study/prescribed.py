"""Prescribed trials: which of them are still to be run, and where those that failed run again."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from optuna.trial import TrialState

from tuner.schema import Range, Scalar
from tuner.storage.enqueue import Queued
from tuner.study import distributions
from tuner.study.search_space import SearchSpace
from tuner.study.start import Given, other_choices

TRIES = 2
"""How often a trial is run where it was to be."""

_SPOILT = 3
"""Trials that have failed with the same shared params, where none has come to an end."""

_MOST_ELSEWHERE = 3
_ENDED = (TrialState.COMPLETE, TrialState.PRUNED)
Key = frozenset[tuple[str, Scalar]]


@dataclass(frozen=True)
class Due:
    """A prescribed trial to be queued; `failed` is the number of the one that it stands in for.

    `moved` are the shared params that are others than it was to have.
    """

    given: Given
    failed: int | None = None
    moved: Mapping[str, Scalar] | None = None

    @property
    def notice(self) -> str | None:
        """What there is to say of it; None where it is as planned."""
        shared = (self.moved or {}).items()
        where = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in shared)
        if self.failed is not None:
            return f"trial {self.failed} failed: " + (
                f"it is tried at {where} instead" if where else "it is tried again"
            )
        variant = self.given.named["variant"]
        return f"{variant} is tried first at {where}, as others failed elsewhere" if where else None


@dataclass(frozen=True)
class History:
    """What was queued of a study of `n_trials`; failures before trial number `since` do not count.

    The first trials of a study of an earlier version may have been others than now.
    """

    space: SearchSpace
    queued: Sequence[Queued]
    n_trials: int
    since: int = 0

    @cached_property
    def known(self) -> Mapping[int, Queued]:
        """The prescribed trials by their numbers."""
        return {each.number: each for each in self.queued if each.given}

    @cached_property
    def settled(self) -> Set[Key]:
        """The params with which trials have come to an end, wait or run."""
        return {key(q.given) for q in self.known.values() if q.state != TrialState.FAIL}

    @cached_property
    def failed(self) -> Sequence[Queued]:
        """The prescribed trials whose failure counts."""
        found = self.known.values()
        return [q for q in found if q.state == TrialState.FAIL and q.number >= self.since]

    @cached_property
    def spoilt(self) -> Set[Key]:
        """The places on the shared axes where enough has failed, and nothing come to an end."""
        ended = {self.place(q.given) for q in self.known.values() if q.state in _ENDED}
        counts = Counter(self.place(q.given) for q in self.failed)
        return {place for place, n in counts.items() if n >= _SPOILT} - ended

    def place(self, named: Mapping[str, Scalar]) -> Key:
        """The place of a trial on the shared axes."""
        return key({name: named[name] for name in self.space.axes if name in named})

    def is_begun(self, position: int) -> bool:
        """Whether another trial than is planned now was prescribed there."""
        return position < self.n_trials and position not in self.known


def due(history: History, givens: Sequence[Given]) -> Iterator[Due]:
    """Those of `givens` that no trial has come to an end with, waits or runs, in their order.

    What has failed is tried again once where it was, then at up to three other places on the shared
    axes, once each; a place where three have failed and none has come to an end is left out.
    """
    for position, given in enumerate(givens):
        tries = {key(named): named for named in _tries(history.space, given)}
        before = [q for q in history.known.values() if key(q.given) in tries]
        if not before and history.is_begun(position):
            continue
        failed = [each.number for each in before if each.state == TrialState.FAIL]
        named = _next(history, tries)
        if named is not None:
            moved = _difference(named, given.named) or None
            yield Due(replace(given, named=named), max(failed, default=None), moved)


def _next(
    history: History, tries: Mapping[Key, Mapping[str, Scalar]]
) -> Mapping[str, Scalar] | None:
    """The params to try next; None where there is a trial, or all were tried often enough."""
    counts = Counter(key(each.given) for each in history.failed)
    own, *others = tries
    is_left = counts[own] < TRIES
    if own in history.settled:
        return None
    if is_left and history.place(tries[own]) not in history.spoilt:
        return tries[own]
    if history.settled & set(others):
        return None
    for each in others:
        if not counts[each] and history.place(tries[each]) not in history.spoilt:
            return tries[each]
    return tries[own] if is_left else None


def key(named: Mapping[str, Scalar]) -> Key:
    """Params as what can be counted."""
    return frozenset(named.items())


def given_up(history: History) -> Set[int]:
    """The points of a grid that have failed as often as they are tried."""
    found = (q for q in history.queued if q.state == TrialState.FAIL and q.number >= history.since)
    counts = Counter(each.point for each in found if each.point is not None)
    ended = {each.point for each in history.queued if each.state != TrialState.FAIL}
    return {point for point, n in counts.items() if n >= TRIES} - ended


def _tries(space: SearchSpace, given: Given) -> Iterator[Mapping[str, Scalar]]:
    """The params of a trial as they were to be, then with other shared ones."""
    yield given.named
    others = [*other_choices(space), *_quarters(space)]
    fitting = [each for each in others if _difference(each, given.named)]
    for other in fitting[:_MOST_ELSEWHERE]:
        yield {**given.named, **other}


def _quarters(space: SearchSpace) -> Iterator[dict[str, Scalar]]:
    """Of each shared range the middle of its lower half."""
    for name, axis in space.axes.items():
        if isinstance(axis, Range) and axis.low < axis.high:
            half = axis.model_copy(update={"high": distributions.middle(axis)})
            yield {name: distributions.middle(half)}


def _difference(named: Mapping[str, Scalar], other: Mapping[str, Scalar]) -> dict[str, Scalar]:
    return {name: value for name, value in named.items() if other.get(name) != value}
