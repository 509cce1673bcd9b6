"""When a trial is given up, and when it is not judged yet."""

import pytest
from _searches import run


@pytest.mark.slow
def test_a_schedule_is_not_judged_before_its_cutoff(place, tiny):
    flags = {"space__variant": ["scheduled"], "training__epochs": 10, "search__trials": 20}
    late = {"shape": "late", "cutoff": 0.5, "rate": {"low": 0.0, "high": 0.8}}
    results, _ = run(place, tiny, space__scheduled=late, **flags)
    pruned = [t.n_epochs for t in results.trials if t.state == "PRUNED"]
    assert pruned
    assert min(pruned) >= 5
