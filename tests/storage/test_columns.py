"""Columns in the words of the store are what they are when they are parsed."""

import copy
import json

import pytest

from tuner.storage.columns import Columns, last_rates, length

HISTORIES = [
    {},
    {"val_loss": []},
    {"rate_0": [], "rate_1": [0.5], "val_loss": [1, 2e-07]},
    {"a": [0.5], "rate_0": [0.1, float("inf"), 0.25, 1], "xval_loss": [1], "val_loss": [0.5] * 15},
    {'x"val_loss': [1], 'y"rate_9': [1], "val_loss_2": [1, 2], "val_loss": [3], "rate_": [1, 2.5]},
    {"said": '"val_loss": [1, 2, 3], "rate_1": [2]', "name": "\N{SNOWMAN}"},
]


@pytest.mark.parametrize("history", HISTORIES)
def test_columns_are_what_the_store_has(history):
    columns = Columns(json.dumps(history))
    assert length(columns, "val_loss") == length(history, "val_loss")
    assert repr(last_rates(columns)) == repr(last_rates(history))
    assert columns._columns is None  # nothing was parsed for it
    assert bool(columns) == bool(history)
    assert (columns, len(columns), repr(columns)) == (history, len(history), repr(history))
    assert copy.deepcopy(columns) == history


def test_what_diverged_ends_in_no_number():
    text = json.dumps({"rate_0": [0.5, float("nan")]})
    assert repr(last_rates(Columns(text))) == "{'rate_0': nan}"
