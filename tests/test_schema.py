"""What study files are made of: ranges that are in order, and axes in words."""

import pytest
from pydantic import ValidationError

from tuner.schema import Range, describe, ends


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"low": 2, "high": 1}, "low 2 must not be above high 1"),
        ({"low": 0, "high": 1, "log": True}, "a log range needs low above 0"),
        ({"low": 1, "high": 2, "log": True, "step": 1}, "and no step"),
        ({"low": 0, "high": 1, "step": 0}, "step must be above 0, got 0"),
        ({"low": float("nan"), "high": 1}, "must not be above"),
        ({"low": 0, "high": float("inf")}, "must not be above"),
    ],
)
def test_a_range_that_is_none_is_refused(given, words):
    with pytest.raises(ValidationError, match=words):
        Range(**given)


@pytest.mark.parametrize(
    ("axis", "both_ends", "words"),
    [
        (Range(low=0.1, high=0.5), (0.1, 0.5), "0.1 to 0.5"),
        (Range(low=1, high=8, log=True), (1, 8), "1 to 8 (log)"),
        ((64, 256, 512), (64, 256, 512), "64, 256, 512"),
        (0.5, (0.5,), "0.5"),
    ],
    ids=str,
)
def test_an_axis_has_ends_and_words(axis, both_ends, words):
    assert ends(axis) == both_ends
    assert describe(axis) == words
