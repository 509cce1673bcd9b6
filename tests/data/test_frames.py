"""Data frames of pandas and others: categories that parts have in common, text, missing values."""

import tracemalloc

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tuner.data._objects import from_object
from tuner.data.settings import TableSettings
from tuner.data.tables import Table
from tuner.errors import UsageError


def opened(frame, **said):
    return from_object((frame, np.arange(len(frame)) % 2), "mine", TableSettings(**said))


def test_parts_have_their_categories_in_common():
    first = (pd.DataFrame({"n": [1, 2], "c": ["a", "b"]}), [0, 1])
    raw = from_object((first, (pd.DataFrame({"n": [3], "c": ["c"]}), [0])), "mine")
    assert raw.features == ("n", "c_a", "c_b", "c_c")
    assert raw.x.matrix.tolist() == [[1, 1, 0, 0], [2, 0, 1, 0]]
    assert raw.x_test.matrix.tolist() == [[3, 0, 0, 1]]


def test_a_column_of_sentences_is_no_category():
    sentences = [f"this is sentence {i} of many" for i in range(150)]
    raw = opened(pd.DataFrame({"text": sentences}))
    assert not isinstance(raw.x, Table)
    assert list(raw.x["text"]) == sentences
    assert "is text" in raw.no_matrix


def test_missing_values_are_refused_with_column_and_row():
    frame = pd.DataFrame({"b": [None, 1.0, 2.0], "c": ["x", None, "x"]})
    with pytest.raises(UsageError, match=r"'b', row 1: no value \(1 of 3 .*and 1 more column\)"):
        opened(frame)


@pytest.mark.parametrize(
    "made",
    [
        lambda given: given,
        pa.table,
        lambda given: given.astype({"town": "category"}),
        lambda given: given.convert_dtypes(),
    ],
    ids=["pandas", "arrow", "category", "nullable"],
)
def test_a_table_is_the_same_whatever_holds_it(made):
    given = pd.DataFrame({"n": [1.5, 2.5, 3.5], "town": ["Rome", "Oslo", "Rome"]})
    raw = opened(made(given))
    assert raw.features == ("n", "town_Oslo", "town_Rome")
    assert raw.x.matrix.tolist() == [[1.5, 0, 1], [2.5, 1, 0], [3.5, 0, 1]]


def test_a_function_drops_its_rows_itself():
    with pytest.raises(UsageError, match="--missing drop is for files"):
        opened(pd.DataFrame({"a": [1.0, None]}), missing="drop")


def test_options_of_tables_are_refused_for_arrays():
    with pytest.raises(UsageError, match="mine: --dates is for tables"):
        from_object((np.eye(4), [0, 1, 0, 1]), "mine", TableSettings(dates="drop"))


def test_what_is_the_same_of_many_columns_is_one_line():
    frame = pd.DataFrame({f"c{n}": ["0,5", "1,25"] for n in range(40)})
    notes = opened(frame).notes
    assert len(notes) == 1
    assert notes[0].startswith("columns 'c0', 'c1'")
    assert notes[0].endswith("and 28 more: decimal comma")


def test_sixty_thousand_names_ask_for_no_memory():
    names = pd.DataFrame({"name": [f"user{n}" for n in range(60_000)]})
    tracemalloc.start()
    raw = opened(names)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "'name' has 60,000 names in 60,000 rows" in raw.no_matrix
    assert peak < 100e6


def test_more_names_than_columns_are_made_for_are_refused_with_the_limit():
    names = pd.DataFrame({"town": [f"t{n % 1500}" for n in range(6000)]})
    assert "1,500 names in 6,000 rows" in opened(names).no_matrix
    assert "more than 1,000 columns of 0 and 1" in opened(names).no_matrix
    assert len(opened(names[names.town < "t2"]).features) > 300


@pytest.mark.parametrize("name", ["id", "customer_id", "CustomerID", "index"])
def test_numbers_that_are_an_id_are_said(name):
    values = np.random.default_rng(0).permutation(10_000)[:60]
    assert "as an id" in opened(pd.DataFrame({name: values})).notes[0]
    assert not opened(pd.DataFrame({"width": values})).notes


def test_names_that_meet_lose_no_column():
    frame = pd.DataFrame({"a": ["b_c", "d"], "a_b": ["c", "c"], "a_d": [1.0, 2.0]})
    raw = opened(frame)
    assert raw.features == ("a_d", "a_b_c", "a_d", "a_b_c")
    assert raw.x.matrix.tolist() == [[1, 1, 0, 1], [2, 0, 1, 1]]
