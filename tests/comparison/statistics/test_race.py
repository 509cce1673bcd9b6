"""The rounds of a race: who goes on, who is met, and when it is over."""

import math

import numpy as np
import pytest
from _scores import candidate, scores

from tuner.comparison.statistics.decision import Case, decide
from tuner.comparison.statistics.looks import Race
from tuner.comparison.statistics.pairwise import compare
from tuner.comparison.statistics.race import least, most, plan, wanted

WIDTHS = (64, 256, 512)


def world(effect, widths=(0.0, 0.0, 0.0), seed=0, n_seeds=16):
    """Accuracies of no dropout at three widths, and of three candidates with dropout at each."""
    generator = np.random.default_rng(seed)
    shared = generator.standard_normal(n_seeds)
    found = {}
    for i, width in enumerate(WIDTHS):
        for j in range(4):
            mean = widths[i] + (effect if j else 0)
            noise = shared + generator.standard_normal(n_seeds)
            name = f"none at {width}" if not j else f"standard {width} {j}"
            found[name] = (0.95 + 0.001 * (mean + noise / math.sqrt(2))).tolist()
    return found


def made(values, race):
    def one(name, row):
        width = int(name.split()[-1] if name.startswith("none") else name.split()[1])
        twin = None if name.startswith("none") else f"none at {width}"
        return candidate(name, row, width=width, twin=twin)

    order = sorted(values, key=lambda name: not name.startswith("none"))
    return scores(*(one(name, values[name]) for name in order), race=race)


def run(values, n_seeds=16):
    """The race to its end: what is shown of the values by then, and in which order."""
    race = plan(n_seeds, 9)
    shown = {name: [None] * n_seeds for name in values}
    order = []
    while True:
        found = made(shown, race)
        done = set(order)
        asked = wanted(found, lambda name, place, done=done: (name, place) in done)
        missing = [each for each in asked if each not in done]
        if not missing:
            return found, order
        for name, place in missing:
            shown[name][place] = values[name][place]
        order += missing


def test_few_seeds_are_no_race_and_a_single_candidate_need_not_qualify():
    assert plan(6, 9) is None
    assert plan(7, 9) == Race(2, 5)
    assert plan(16, 1) == Race(0, 16)
    assert plan(16, 9, n_before=6) == Race(6, 10)
    assert plan(10, 9, n_before=10) is None


def test_without_a_race_all_have_all_seeds():
    values = world(1.0, n_seeds=4)
    assert len(wanted(made(values, None), lambda name, place: False)) == 12 * 4


def test_all_qualify_and_the_best_goes_on_with_its_rivals():
    values = world(3.0)
    found, order = run(values)
    assert [place for _, place in order[:24]] == [0] * 12 + [1] * 12
    means = {name: np.mean(row[:2]) for name, row in values.items() if "none" not in name}
    assert found.leader.name == max(means, key=means.get)
    final = {name for name, place in order[24:]}
    assert final == {found.leader.name, *(each.name for each in found.rivals)}
    assert found.leader.twin in final
    assert least(found) <= len(order) <= most(found)


def test_a_round_is_asked_for_when_the_one_before_has_ended():
    values = {name: [0.9] * 16 for name in world(0.0)}
    found = made(values, plan(16, 9))
    assert len(wanted(found, lambda name, place: (name, place) != ("none at 64", 1))) == 24


def test_a_clear_gain_and_no_gain_end_early():
    for effect, case in ((6.0, Case.HELPS), (-6.0, Case.NO_HELP)):
        found, order = run(world(effect))
        assert decide(compare(found)).case is case
        assert len(order) == least(found)


def test_a_failed_seed_does_not_hold_up_the_race():
    values = world(6.0)
    values["standard 512 1"][0] = None
    assert decide(compare(run(values)[0])).case is Case.HELPS


def helps(values):
    return decide(compare(run(values)[0])).case is Case.HELPS


def helps_by_the_none_that_was_found(values):
    """As before there were twins: ten seeds, and no dropout at the width that the search liked."""
    found = [
        candidate(name.replace("none at 64", "none"), row[:10])
        for name, row in values.items()
        if name == "none at 64" or "none" not in name
    ]
    return any(row.is_gain_shown for row in compare(scores(*found)).dropouts)


def test_where_only_width_matters_dropout_is_not_said_to_help():
    assert sum(helps(world(0.0, (0.0, 1.0, 2.0), seed)) for seed in range(200)) <= 10


def test_the_network_of_another_width_would_make_it_seem_to_help():
    """The negative control."""
    found = [helps_by_the_none_that_was_found(world(0.0, (0.0, 1.0, 2.0), s)) for s in range(20)]
    assert sum(found) > 15


@pytest.mark.parametrize(("effect", "fewest", "most_often"), [(1.5, 60, 100), (0.0, 0, 8)])
def test_the_same_effect_at_all_widths_is_found(effect, fewest, most_often):
    assert fewest <= sum(helps(world(effect, seed=seed)) for seed in range(100)) <= most_often
