"""What is tried next: where it may change the answer, and more surely the better."""

import numpy as np
import pytest
from _worlds import AXES, VARIANTS, WIDTHS, World, params

from tuner.study.curves.candidates import twin_of
from tuner.study.curves.fitting import of_values
from tuner.study.curves.proposing import CONTRAST_EVERY, knowledge_gradient, suggest
from tuner.study.curves.tried import Tried

RATES = np.linspace(0, 0.8, 17)[1:].tolist()
GRID = [params("none", 0.0, width) for width in WIDTHS] + [
    params(variant, rate, width) for variant in VARIANTS[1:] for rate in RATES for width in WIDTHS
]


def tried(given, values):
    return Tried.of(given, values, maximize=True, axes=AXES)


def searched(world, n, begin=8):
    given, values = world.trials(begin)
    for number in range(begin, n):
        given.append(suggest(tried(given, values), GRID, (), number))
        values.append(world.value(given[-1]))
    return given, values


def regret(world, given, values):
    best = max(world.true(each) for each in GRID)
    return best - world.true(of_values(given, values, maximize=True, axes=AXES).recommended)


@pytest.mark.slow
def test_it_finds_the_best_sooner_than_chance():
    worlds = [
        World(seed, best=str(np.random.default_rng(seed).choice(VARIANTS[1:])))
        for seed in range(20)
    ]
    chosen = [regret(world, *searched(world, 40)) for world in worlds]
    drawn = [regret(world, *world.trials(40)) for world in worlds]
    assert np.mean(chosen) < 0.6 * np.mean(drawn)


def test_it_goes_where_values_are_high():
    given, _ = searched(World(0, height=2.0), 40)
    wide = [each["width"] == 512 for each in given[8:]]
    assert np.mean(wide) > 0.6


def test_the_same_trials_suggest_the_same():
    given, values = World(0).trials(20)
    first, second = (suggest(tried(given, values), GRID, (), 20) for _ in range(2))
    assert first == second


def test_what_runs_elsewhere_is_not_suggested_too():
    given, values = World(0).trials(30)
    first = suggest(tried(given, values), GRID, (), 0)
    assert suggest(tried(given, values), GRID, [first] * 4, 0) != first


def test_part_of_the_trials_goes_to_the_leader_and_what_it_has_to_beat():
    given, values = World(0, height=2.0).trials(60)
    found = of_values(given, values, maximize=True, axes=AXES)
    leader, rivals = found.recommended, (twin_of(found.recommended), found.best_none)
    chosen = suggest(tried(given, values), GRID, (), CONTRAST_EVERY - 1)
    assert chosen in rivals or (chosen["variant"], chosen["width"]) == (
        leader["variant"],
        leader["width"],
    )


def test_a_search_ends_surer_of_what_dropout_gains_than_one_that_only_looks_for_the_best():
    def width(world, number):
        given, values = world.trials(12)
        for _ in range(10):
            given.append(suggest(tried(given, values), GRID, (), number))
            values.append(world.value(given[-1]))
        gain = of_values(given, values, maximize=True, axes=AXES).gain
        return gain.high - gain.low

    contrasts, best = (
        [width(World(seed, height=1.0), number) for seed in (1, 2, 3)]
        for number in (CONTRAST_EVERY - 1, 0)
    )
    assert sum(contrasts) < 0.8 * sum(best)


def test_the_knowledge_gradient_is_that_of_the_textbook():
    """Two independent points of means 0 and 0, of which one is known: s / sqrt(2 pi)."""
    found = knowledge_gradient(np.zeros(2), np.diag([1.0, 0.0]), 1.0)
    assert found[0] == pytest.approx(np.sqrt(0.5) / np.sqrt(2 * np.pi), rel=0.02)
    assert found[1] == 0
