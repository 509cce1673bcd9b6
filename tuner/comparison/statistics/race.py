"""Who is trained with which seeds: in rounds, until the answer is known."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from tuner.comparison.statistics.estimates import ALPHA, critical
from tuner.comparison.statistics.looks import FIRST_LOOK, Race
from tuner.comparison.statistics.monitored import Gain, Monitored, monitor
from tuner.comparison.statistics.scored import ScoredCandidate, Scores

_QUALIFYING = 2
_LUCK = 1.0
"""Standard errors by which a difference may be larger than it looks, before one gives up."""

Settled = Callable[[str, int], bool]
"""Whether the training of a candidate with a seed, by its place, has come to an end."""


def plan(n_seeds: int, n_dropouts: int, n_before: int = 0) -> Race | None:
    """The race of so many candidates with dropout, after `n_before` seeds that all have had.

    None where fewer are left than the first look takes: every candidate then has every seed. A
    single one need not qualify.
    """
    qualifying = 0 if n_dropouts < 2 else max(n_before, _QUALIFYING)
    planned = n_seeds - qualifying
    return Race(qualifying, planned) if planned >= FIRST_LOOK else None


def wanted(scores: Scores, is_settled: Settled) -> list[tuple[str, int]]:
    """The trainings asked for by now, by candidate and place of the seed, in order.

    A round is asked for when all of the one before have ended, so that whoever asks, asks for the
    same.
    """
    found: list[tuple[str, int]] = []
    for each in _rounds(scores):
        found += each
        if not all(is_settled(name, place) for name, place in each):
            break
    return found


def most(scores: Scores) -> int:
    """How many trainings there are at most."""
    race, n_all = scores.race, len(scores.candidates)
    if race is None:
        return n_all * scores.n_seeds
    return n_all * race.qualifying + _n_final(scores) * _last_look(scores, race)


def least(scores: Scores) -> int:
    """How many there are where the first look at the leader says enough."""
    race = scores.race
    if race is None:
        return most(scores)
    last = _last_look(scores, race)
    return most(scores) - _n_final(scores) * (last - min(FIRST_LOOK, last))


def looks_of(scores: Scores) -> tuple[tuple[int, float], ...]:
    """The looks of a race that its seeds allow."""
    race = scores.race
    return () if race is None else race.looks_until(scores.n_seeds - race.qualifying)


def contrast(
    scores: Scores, candidate: ScoredCandidate, other: ScoredCandidate
) -> Monitored | None:
    """The paired difference of two candidates; in a race an interval is for the leader alone.

    Of the leader it is that on the seeds after the qualifying ones.
    """
    if scores.race is None:
        return monitor(candidate.minus(other), scores.least_spread)
    if candidate is scores.leader:
        final = candidate.minus(other, scores.race.qualifying)
        if final:
            return monitor(final, scores.least_spread, looks_of(scores))
    return monitor(candidate.minus(other), scores.least_spread, ())


def against_written(scores: Scores, name: str) -> Monitored | None:
    """The difference of what is advised to the network as its owner wrote it, if there is one.

    In a race it is that on the seeds after the qualifying ones, where both were trained with them.
    """
    advised, race = next(each for each in scores.candidates if each.name == name), scores.race
    if scores.written in (None, advised):
        return None
    begin = 0 if race is None else race.qualifying
    looks = None if race is None else looks_of(scores)
    return monitor(advised.minus(scores.written, begin), scores.least_spread, looks)


def gain(scores: Scores, candidate: ScoredCandidate) -> Gain | None:
    """What a candidate gains over the best network without dropout; None without one."""
    is_leader = candidate is scores.leader
    others = scores.rivals if is_leader else scores.nones
    found = {each.name: contrast(scores, candidate, each) for each in others}
    known = {name: each for name, each in found.items() if each is not None}
    return Gain(known, scores.sign) if known else None


def _rounds(scores: Scores) -> Iterator[Sequence[tuple[str, int]]]:
    """Trainings by round; a round is made from what those before have found."""
    race, everybody = scores.race, [each.name for each in scores.candidates]
    if race is None:
        yield _pairs(everybody, 0, scores.n_seeds)
        return
    yield _pairs(everybody, 0, race.qualifying)
    first = scores.leader
    if first is None:
        return
    done, left = 0, [each.name for each in scores.rivals]
    beside = [each.name for each in (first, scores.written) if each is not None]
    for n, _ in looks_of(scores):
        yield _pairs([*dict.fromkeys(beside), *left], race.qualifying + done, race.qualifying + n)
        done = n
        left = _unbeaten(scores, first, n)
        if not left or _is_futile(scores, first, left, n):
            return


def _pairs(names: Iterable[str], begin: int, end: int) -> list[tuple[str, int]]:
    """A seed for everybody before the next one, so that what is there is in pairs."""
    named = list(names)
    return [(name, place) for place in range(begin, end) for name in named]


def _at(scores: Scores, first: ScoredCandidate, name: str, n: int) -> Monitored | None:
    """The difference of the leader to a network without dropout, as it was at the look at `n`."""
    other = next(each for each in scores.nones if each.name == name)
    found = contrast(scores, first, other)
    if found is None:
        return None
    return Monitored(found.total, tuple(look for look in found.looks if look[0].n <= n))


def _unbeaten(scores: Scores, first: ScoredCandidate, n: int) -> list[str]:
    """The networks without dropout that the leader is not shown to be better than."""
    found = {each.name: _at(scores, first, each.name, n) for each in scores.rivals}
    p_values = {name: None if each is None else each.p(scores.sign) for name, each in found.items()}
    return [name for name, p in p_values.items() if p is None or p > ALPHA]


def _is_futile(scores: Scores, first: ScoredCandidate, left: Iterable[str], n: int) -> bool:
    """Whether the last look would not show a difference one standard error above the present one.

    Giving up can only keep a claim from being made.
    """
    last, share = looks_of(scores)[-1]
    for name in left:
        found = _at(scores, first, name, n)
        if found is None or not found.looks:
            continue
        look, _ = found.looks[-1]
        if look.n < n or look.spread is None:
            continue
        t = scores.sign * look.value * math.sqrt(look.n) / look.spread
        if (t + _LUCK) * math.sqrt(last / n) < critical(last, 1 / share):
            return True
    return False


def _n_final(scores: Scores) -> int:
    """The leader, the networks that it meets, and the one as its owner wrote it."""
    return 1 + len(scores.rivals) + (scores.written not in (None, scores.leader))


def _last_look(scores: Scores, race: Race) -> int:
    return max((n for n, _ in race.looks_until(scores.n_seeds - race.qualifying)), default=0)
