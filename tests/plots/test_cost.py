"""What a study cost: the numbers of its answer."""

import pytest
from _drawn import a_comparison, a_study, read, trial

from tuner.comparison.answer import subject
from tuner.comparison.cost import epoch_ratio
from tuner.plots.making import make
from tuner.plots.plot import NotEnoughDataError
from tuner.study.curves.fitting import fit


def timed(variant, value, seconds, rate=0.0, width=64):
    found = trial(variant, value, rate, width=width)
    found.user_attrs["seconds"] = seconds
    return found


@pytest.fixture(scope="module")
def study():
    """An epoch with dropout takes three times one without, at twice the width six times."""
    nones = [timed("none", 0.8, 5.0), timed("none", 0.7, 10.0, width=128)]
    trials = [timed("standard", 0.9 - r, 15.0, r) for r in (0.1, 0.2, 0.3)]
    return read(*nones, *trials, timed("gaussian", 0.5, 60.0, 0.2, width=128))


def test_seconds_and_epochs_are_those_of_the_answer(study):
    rows = {row["variant"]: row for row in make("cost", study).rows}
    assert sum(row["seconds"] for row in rows.values()) == 120
    assert sum(row["epochs"] for row in rows.values()) == 30
    assert make("cost", study).text.startswith("6 trainings, 30 epochs, 2 min of one process.")
    assert rows["standard"]["times_none"] == 3
    assert rows["gaussian"]["times_none"] in (6, None)
    best = subject(fit(study), None)
    ratio = epoch_ratio(study.trials, best)
    assert rows["standard"]["times_none"] == ratio.times
    assert str(ratio) == "3.0 times one without (medians of 3 and 1 trainings)"


def test_trainings_of_a_comparison_count():
    compared = a_comparison()
    for each in compared.trials:
        object.__setattr__(each, "seconds", 1.0)
    alone, both = (make("cost", a_study(), each).rows for each in (None, compared))
    seconds = [sum(row["seconds"] for row in rows) for rows in (alone, both)]
    assert seconds[1] - seconds[0] == pytest.approx(len(compared.trials))


def test_without_a_time_there_is_no_such_plot():
    with pytest.raises(NotEnoughDataError, match="has a time"):
        make("cost", read(timed("none", 0.8, None)))
