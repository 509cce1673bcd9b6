"""Tables of pandas: categories that parts have in common, text that stays text, missing values."""

import pandas as pd
import pytest

from tuner.data.frames import from_frame, together
from tuner.data.tables import Table
from tuner.errors import UsageError


def test_parts_have_their_categories_in_common():
    parts = [pd.DataFrame({"n": [1, 2], "c": ["a", "b"]}), pd.DataFrame({"n": [3], "c": ["c"]})]
    table, features = together(parts, "mine")
    assert features == ("n", "c_a", "c_b", "c_c")
    assert table.matrix.tolist() == [[1, 1, 0, 0], [2, 0, 1, 0], [3, 0, 0, 1]]


def test_a_column_of_sentences_is_no_category():
    sentences = [f"this is sentence {i} of many" for i in range(150)]
    found, features = from_frame(pd.DataFrame({"text": sentences}), "mine")
    assert not isinstance(found, Table)
    assert list(found["text"]) == sentences
    assert features == ()


def test_missing_values_are_refused_with_the_column_that_lacks_most():
    frame = pd.DataFrame({"a": [1.0, None], "b": [None, None]})
    with pytest.raises(UsageError, match=r"3 missing values .* 2 of them in column 'b'"):
        together([frame], "mine")
