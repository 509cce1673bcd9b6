"""Searches with every sampler and every pruner."""

import pytest
from _searches import run

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("sampler", ["random", "qmc", "nsgaii"])
def test_every_sampler_runs(place, tiny, sampler):
    results, _ = run(
        place,
        tiny,
        search__sampler=sampler,
        space__rate=[0.1, 0.2],
        space__variant=["gaussian", "standard"],
    )
    assert results.counts.finished == 6


def test_a_grid_visits_every_point_once(place, tiny):
    flags = {"space__rate": [0.1, 0.2], "space__variant": ["gaussian"], "search__sampler": "grid"}
    results, _ = run(place, tiny, space__width=[8, 16], search__trials=50, **flags)
    points = {(t.rate, t.params["width"]) for t in results.trials if t.role is None}
    assert points == {(rate, width) for rate in (0.1, 0.2) for width in (8, 16)}
    assert results.counts.finished == 6


@pytest.mark.parametrize("pruner", ["successive_halving", "hyperband", "median", "patient", "none"])
def test_every_pruner_runs(place, tiny, pruner):
    flags = {"search__trials": 12, "training__epochs": 6, "space__variant": ["standard"]}
    results, _ = run(place, tiny, search__pruner=pruner, **flags)
    assert results.counts.finished == 12
    assert pruner != "none" or results.counts.pruned == 0
