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
        ([candidate("none", [1.0]), candidate("none 2", [1.0])], "no dropout to be one"),
        ([candidate("alpha", [1.0], role="no dropout")], "of variant none"),
        ([candidate("a", [math.inf])], "finite"),
        ([candidate("a", [None, math.nan])], "finished seed"),
    ],
)
def test_candidates_that_do_not_fit_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        scores(*given)
