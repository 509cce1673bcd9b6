"""The examples of what the two libraries offer run, and say what they say."""

import doctest
import importlib

import keras
import numpy as np
import pytest
from _places import ROOT

import tuner.dropout
import tuner.training

FUNCTIONS = ["tuner.dropout.apply_variant:apply", "tuner.training.one_model:train"]


@pytest.mark.parametrize("reference", FUNCTIONS)
def test_the_example_of_a_function_runs(reference):
    module = importlib.import_module(reference.partition(":")[0])
    function = getattr(module, reference.partition(":")[2])
    keras.backend.clear_session()
    given = {**vars(module), "keras": keras, "np": np}
    (example,) = doctest.DocTestFinder().find(function, function.__name__, globs=given)
    assert example.examples
    assert doctest.DocTestRunner().run(example).failed == 0


@pytest.mark.parametrize("library", [tuner.dropout, tuner.training])
def test_every_public_name_is_there_and_documented(library):
    assert sorted(library.__all__, key=str.lower) == sorted(set(library.__all__), key=str.lower)
    for name in library.__all__:
        found = getattr(library, name)
        assert isinstance(found, dict) or found.__doc__


@pytest.mark.parametrize("library", [tuner.dropout, tuner.training])
def test_every_public_name_is_in_an_example_of_the_documents(library):
    """tests/system/test_examples.py runs them."""
    text = (ROOT / "docs" / "libraries.md").read_text(encoding="utf-8")
    examples = " ".join(part.partition("```")[0] for part in text.split("```python")[1:])
    assert [name for name in library.__all__ if name not in examples] == []
