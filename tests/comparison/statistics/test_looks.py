"""The looks of a race: how many seeds, and how much of the level each may spend."""

import itertools

import pytest

from tuner.comparison.statistics.looks import FIRST_LOOK, Race


@pytest.mark.parametrize("planned", [5, 6, 8, 10, 14, 40])
def test_all_looks_together_spend_no_more_than_the_level(planned):
    looks = list(itertools.islice(Race(2, planned).looks(), 30))
    sizes, shares = zip(*looks, strict=True)
    assert sizes[0] == FIRST_LOOK
    assert planned in sizes
    assert sorted(set(sizes)) == list(sizes)
    assert sum(shares) <= 1 + 1e-9
    assert sum(share for n, share in looks if n <= planned) == pytest.approx(7 / 8)


def test_more_seeds_leave_the_earlier_looks_as_they_were():
    race = Race(2, 14)
    assert race.looks_until(40)[:4] == race.looks_until(14)
    assert race.looks_until(4) == ()
