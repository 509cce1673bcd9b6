"""How a simulated study is compared: so many seeds each, in a race, or as it was before twins."""

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from simulated.worlds import World

from tuner.comparison.statistics.estimates import ALPHA, estimate, holm
from tuner.comparison.statistics.race import plan, wanted
from tuner.comparison.statistics.scored import Scores

RACE = "race"
MOST_SEEDS = 16
"""Of a race: what `tuner compare` asks for by default."""

BEFORE = 10
"""Seeds of each candidate before there were twins and races."""


def studied(
    world: World, design: int | str, generator: np.random.Generator
) -> tuple[Scores, int, Mapping[str, Sequence[float]]]:
    """A study, how many trainings it took, and what it would have found with all seeds."""
    if design != RACE:
        values = world.values(int(design), generator)
        return world.scores(values), len(values) * int(design), values
    values = world.values(MOST_SEEDS, generator)
    race = plan(MOST_SEEDS, len(world.means))
    shown = {name: [math.nan] * MOST_SEEDS for name in values}
    trained: set[tuple[str, int]] = set()
    while True:
        scores = world.scores(shown, race)
        asked = set(wanted(scores, partial(_is_in, trained)))
        if asked <= trained:
            return scores, len(trained), values
        for name, place in asked - trained:
            shown[name][place] = values[name][place]
        trained |= asked


def _is_in(trained: set[tuple[str, int]], name: str, place: int) -> bool:
    return (name, place) in trained


def helped_before(world: World, values: Mapping[str, Sequence[float]]) -> list[str]:
    """Whom the procedure before twins would have said to help, on ten seeds of each candidate.

    Each is compared with what the search has found without dropout, by paired t tests, corrected by
    Holm.
    """
    scores = world.scores({name: each[:BEFORE] for name, each in values.items()})
    none = scores.nones[0]
    found = {each.name: estimate(each.minus(none), scores.least_spread) for each in scores.dropouts}
    known = {name: each for name, each in found.items() if each is not None and each.p is not None}
    corrected = holm([each.p or 0.0 for each in known.values()])
    return [
        name
        for (name, each), p in zip(known.items(), corrected, strict=True)
        if p <= ALPHA and each.value > 0
    ]
