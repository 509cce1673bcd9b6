"""What the terminal shows is what the report says."""

import io
import re

import _made_studies
import pytest
from _pages import Parsed, html, trials
from rich.console import Console

from tuner.cli import display
from tuner.cli.told import told_of
from tuner.comparison.answer import answer_in
from tuner.study import summary
from tuner.study.overview import Overview
from tuner.study.reading import read


def overview_of(results):
    return Overview(results, budget=len(results.trials), workers=(), retries=0, eta=None)


@pytest.fixture(scope="module")
def searched():
    return html(_made_studies.study(*trials()))


def test_report_and_terminal_use_the_same_words(searched, capsys):
    study = _made_studies.study(*trials())
    display.print_answer(told_of(overview_of(read(study)), answer_in(study, study._storage)))
    lines = capsys.readouterr().out.splitlines()
    names = "Answer|Safe rates|Cost|Next"
    told = [re.sub(f"^({names}): ", "", line) for line in lines if line.endswith(".")]
    assert len(told) == 7
    assert [line for line in told if line not in Parsed(searched).text] == [
        summary.best_line(read(study))
    ]


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_a_table_of_variants_has_a_line_for_each_whatever_the_width(width):
    many = {f"{name}.{name[:4]}_frac": 0.25 for name in ("standard", "gaussian", "concrete")}
    results = read(_made_studies.study(*trials(extra=many | {"batch_size": 128, "depth": 2})))
    console = Console(width=width, file=io.StringIO())
    console.print(display.that_fits(told_of(overview_of(results), None), console))
    shown = console.file.getvalue()
    lines = [line for line in shown.splitlines() if line.strip()]
    assert len(lines) == 2 + len(results.variants)
    assert max(map(len, lines)) <= width
    assert [line.split()[0] for line in lines[2:]] == [
        row.variant + ("" if row.is_ranked else "°") for row in results.variants
    ]
    assert ("depth 2" in shown) == (width == 200)
    assert ("…" in shown) == (width < 200)


def test_of_many_rows_each_is_one_line(capsys):
    rows = [(number, None, "long " * 60) for number in range(999)]
    last = (999, "sn\N{SNOWMAN}w", "a\nb")
    display.print_rows(("trial", "error", "params"), [*rows, last])
    blank, head, rule, *lines = capsys.readouterr().out.splitlines()
    assert (blank, set(rule), len(lines)) == ("", {"\N{BOX DRAWINGS LIGHT HORIZONTAL}"}, 1000)
    assert head == " trial  error  params"
    assert lines[7] == f" 7      -      {'long ' * 60}".rstrip()
    assert lines[-1] == " 999    sn\N{SNOWMAN}w   a b"


@pytest.mark.parametrize(("length", "kept"), [(20, 4), (70, 3), (85, 2)])
def test_columns_that_are_spare_go_before_lines_are_broken(length, kept, capsys):
    titles, row = ["name", "a", "b", "c"], ["x", "1" * length, "2" * 20, "3" * 30]
    display.print_table(titles, [row], spare=("b", "c"))
    head, _, line = (each for each in capsys.readouterr().out.splitlines() if each.strip())
    assert head.split() == [t for t in titles if t not in ("b", "c")[: 4 - kept]]
    assert len(line.split()) == kept
