"""Scores: what cannot be compared is refused."""

import math

import pytest
from _scores import candidate, scores


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([], "one candidate"),
        ([candidate("a", [1.0]), candidate("a", [1.0])], "a name for each"),
        ([candidate("a", [1.0]), candidate("b", [1.0, 2.0])], "as many seeds"),
        ([candidate("none", [1.0]), candidate("a", [1.0], twin="b")], "a twin among"),
        ([candidate("a", [math.inf])], "finite"),
    ],
)
def test_candidates_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        scores(*given)
