"""A digest changes with what a function does, and with nothing else."""

import sys
from functools import partial
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from tuner.api.digest import digest, importable

PLAIN = "def f(x):\n    return helper(x) + SIZE\ndef helper(x):\n    return 2 * x\nSIZE = 3\n"


def function(text):
    """`f` of a cell of a notebook."""
    scope = {"__name__": "__main__"}
    exec(compile(text, f"cell {len(text)}", "exec"), scope)
    return scope["f"]


def test_comments_lines_and_files_do_not_count():
    moved = "# a comment\n\n\n" + PLAIN.replace("return helper", "# why\n    return helper")
    assert digest(function(moved)) == digest(function(PLAIN))


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("+ SIZE", "- SIZE"),
        ("2 * x", "3 * x"),
        ("SIZE = 3", "SIZE = 4"),
        ("f(x):", "f(x, y=1):"),
        ("return helper(x) + SIZE", "return [helper(each) + SIZE for each in x]"),
    ],
)
def test_what_it_does_counts_and_what_it_uses(was, now):
    assert was in PLAIN
    assert digest(function(PLAIN.replace(was, now))) != digest(function(PLAIN))


def test_what_has_the_name_of_an_attribute_does_not_count():
    text = "def f(spec):\n    return spec.x\nx = 1\n"
    assert digest(function(text)) == digest(function(text.replace("x = 1", "x = 2")))


def test_a_script_and_the_cells_of_a_notebook_are_one():
    text = "def f(x):\n    for y in x:\n        x = np.sum(y) if y else np.mean(x)\n    return x"
    cells = {"__name__": "__main__"}
    for cell in ("import numpy as np", text):
        exec(compile(cell, "cell", "exec"), cells)
    script = function(f"import numpy as np\n{text}")
    assert script.__code__.co_code != cells["f"].__code__.co_code or sys.version_info >= (3, 12)
    assert digest(script) == digest(cells["f"])


def test_what_it_was_made_with_counts():
    def made(size):
        return lambda x: x + size

    assert digest(made(1)) != digest(made(2))
    assert digest(made(1)) == digest(made(1))
    assert digest(partial(made, 1)) != digest(partial(made, 2))


def test_functions_that_call_each_other_have_a_digest():
    text = "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\n"
    assert digest(function(text)) == digest(function(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.zeros(3), np.zeros(4)),
        (np.zeros(3), np.zeros(3, "float32")),
        (np.array(["a", None], object), np.array(["b", None], object)),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"b": [1]})),
        (pd.Series(pd.to_datetime(["2020-01-01"])), pd.Series(pd.to_datetime(["2020-01-02"]))),
        ({"x": [1, 2]}, {"x": [1, 3]}),
        ({1, 2}, {1, 3}),
    ],
)
def test_other_content_is_another_digest(one, other):
    assert digest(one) != digest(other)
    assert digest(one) == digest(one)


def test_what_can_be_imported_is_known_by_its_name(monkeypatch):
    module = ModuleType("somebodys")
    exec("def f(x):\n    return x\ndef made():\n    return lambda x: x\n", vars(module))
    monkeypatch.setitem(sys.modules, "somebodys", module)
    assert importable(module.f) == "somebodys:f"
    assert importable(module.made()) is None
    assert importable(function(PLAIN)) is None
