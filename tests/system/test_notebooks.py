"""The notebooks of examples/: they run from top to bottom, and what they show is of their code."""

import re
import sys

import nbformat
import pytest
from _places import ROOT

sys.path.insert(0, str(ROOT / "docs"))

import _notebooks

NAMES = ("quick_start", "your_own_network", "fine_tuning", "uncertainty", "many_workers")
OFTEN = ("quick_start",)
"""Those that run in the gate."""

AT_MOST = {"trials": 4, "epochs": 2, "seeds": 2}
every_notebook = pytest.mark.parametrize("path", _notebooks.all_notebooks(), ids=lambda p: p.stem)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def small(path, folder):
    """The notebook with budgets that take seconds."""

    def less(found):
        return f"{found[1]}={min(int(found[2]), AT_MOST[found[1]])}"

    notebook = nbformat.read(path, as_version=4)
    for cell in code_cells(notebook):
        cell.source = re.sub(r"\b(trials|epochs|seeds)=(\d+)", less, cell.source)
    nbformat.write(notebook, folder / path.name)
    return folder / path.name


def kinds(cell):
    """What a cell shows, without what it says."""
    return [(each.output_type, *sorted(each.get("data", {}))) for each in cell.outputs]


def test_there_are_five():
    assert {path.stem for path in _notebooks.all_notebooks()} == set(NAMES)


@every_notebook
def test_the_outputs_of_a_notebook_are_of_its_code(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.outputs_of == _notebooks.code_digest(notebook), "make notebooks"
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))


@every_notebook
def test_a_notebook_names_no_place_of_the_machine_that_ran_it(path):
    assert not re.search(r"/(tmp|home|root|work|usr)/", path.read_text("utf-8"))


@every_notebook
def test_the_links_of_a_notebook_lead_to_files(path):
    links = re.findall(r"\]\(([^)#]+)", path.read_text("utf-8"))
    assert all((path.parent / link).exists() for link in links if "://" not in link)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.zoo) for each in NAMES]
)
def test_a_notebook_runs_from_top_to_bottom_and_shows_as_much(name, tmp_path):
    path = ROOT / "examples" / f"{name}.ipynb"
    kept, run = nbformat.read(path, as_version=4), _notebooks.run(small(path, tmp_path), tmp_path)
    assert [kinds(cell) for cell in code_cells(run)] == [kinds(cell) for cell in code_cells(kept)]


@pytest.mark.slow
@every_notebook
def test_a_notebook_is_a_page_with_its_pictures(path):
    text, pictures = _notebooks.as_page(path)
    assert text.startswith("# ")
    named = set(re.findall(r"!\[\w+\]\(([^)]+)\)", text))
    assert {name.removeprefix("./") for name in named} == set(pictures)
