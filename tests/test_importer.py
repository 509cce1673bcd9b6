"""'module:function' -> the object, or which half of it is wrong."""

import math
import sys

import pytest

from tuner import importer
from tuner.errors import UsageError


@pytest.fixture
def write_module(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(name, text):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")

    return write


def test_attribute_of_an_installed_module_is_loaded():
    assert importer.load("math:sqrt") is math.sqrt


def test_module_in_the_current_folder_is_found(write_module):
    write_module("a_module_of_mine", "def load():\n    return 42\n")
    assert importer.load("a_module_of_mine:load")() == 42


@pytest.mark.parametrize("reference", ["", "math", "math:", ":sqrt", ":"])
def test_reference_without_both_halves_is_refused(reference):
    with pytest.raises(UsageError, match="expected 'module:function'"):
        importer.load(reference)


def test_missing_attribute_names_the_nearest():
    with pytest.raises(UsageError, match="math:sqr: unknown name 'sqr'; did you mean 'sqrt'"):
        importer.load("math:sqr")


@pytest.mark.parametrize(
    ("module", "missing"),
    [
        ("no_such_module", "no_such_module"),
        ("no_such_module.part", "no_such_module"),
        ("json.no_such_part", "json.no_such_part"),
    ],
)
def test_missing_module_is_named(module, missing, write_module):
    with pytest.raises(UsageError, match=f"no module '{missing}' in .+ or among the installed"):
        importer.load(f"{module}:load")


def test_module_that_misses_a_dependency_names_the_dependency(write_module):
    write_module("needs_more", "import no_such_dependency\n")
    with pytest.raises(UsageError, match="No module named 'no_such_dependency'"):
        importer.load("needs_more:load")


@pytest.mark.parametrize(
    ("text", "words"),
    [("1 / 0\n", "ZeroDivisionError: division by zero"), ("def load(:\n", "SyntaxError")],
)
def test_module_that_fails_on_import_says_why_on_one_line(write_module, text, words):
    write_module("fails", text)
    with pytest.raises(UsageError, match=f"'fails:load' fails on import: {words}") as caught:
        importer.load("fails:load")
    assert "\n" not in str(caught.value)


def test_summary_reads_the_docstring_without_importing(write_module):
    write_module("described", '"""One line.\n\nMore.\n"""\nraise RuntimeError\n')
    sys.path.insert(0, "")
    assert importer.summary("described:load") == ["One line.", "", "More."]


def test_summary_of_a_module_without_docstring_is_empty(write_module):
    write_module("undescribed", "x = 1\n")
    sys.path.insert(0, "")
    assert importer.summary("undescribed:x") == []


@pytest.mark.parametrize("module", ["no_such_module", "no_such_module.part"])
def test_summary_of_a_missing_module_is_a_usage_error(module):
    with pytest.raises(UsageError, match="no such module"):
        importer.summary(f"{module}:x")
