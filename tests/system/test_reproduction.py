"""Reproductions of published figures: every row runs, and a miss is shown as one."""

import json
import os
import subprocess
import sys

import pytest
from _places import ROOT
from click.testing import CliRunner
from reproduce import REMARKS, main
from reproduction import report
from reproduction.outcome import Line, Outcome, spread


def reproduce(*arguments, check=True):
    command = [sys.executable, str(ROOT / "benchmarks" / "reproduce.py"), *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "160"}
    return subprocess.run(command, capture_output=True, text=True, check=check, env=environment)


def measured(ours, *, met, seeds=(0,)):
    outcome = Outcome("A title", "a setting", seeds, (Line("error", "1.0 %", ours, "<= 2 %", met),))
    return report.record(outcome, command="python benchmarks/reproduce.py alpha", seconds=90)


@pytest.mark.zoo
def test_two_epochs_on_digits_miss_and_say_so():
    shown = reproduce(*REMARKS, "--quick").stdout
    assert all(head in shown for head in report.HEADER)
    assert shown.count("missed") >= len(REMARKS)


@pytest.mark.zoo
def test_a_measured_row_is_written(shared_data, tmp_path):
    document = tmp_path / "found.md"
    options = ("--epochs", 1, "--seeds", 1, "--write", document)
    reproduce("alpha", "--mnist", shared_data / "mnist.npz", *options)
    assert "alpha --mnist mnist.npz --epochs 1 --seeds 1\n" in document.read_text()
    assert list(json.loads(document.with_suffix(".json").read_text())) == ["alpha"]


def test_a_quick_run_is_not_written(tmp_path):
    document = str(tmp_path / "found.md")
    done = CliRunner().invoke(main, ["--quick", "--write", document])
    assert done.exit_code == 2
    assert "--quick measures nothing worth writing" in done.stderr


@pytest.mark.parametrize(("met", "shown"), [(True, "met"), (False, "missed"), (None, "")])
def test_the_document_says_what_became_of_a_criterion(met, shown):
    text = report.document({"alpha": measured("1.5 %", met=met)}, REMARKS)
    assert f"| error | 1.0 % | 1.5 % | <= 2 % | {shown} |" in text


def test_rows_that_are_not_measured_again_stay(tmp_path):
    document = tmp_path / "found.md"
    report.write(document, {"alpha": measured("1.5 %", met=True)}, REMARKS)
    report.write(document, {"targeted": measured("1.7 %", met=True)}, REMARKS)
    report.write(document, {"alpha": measured("1.6 %", met=True)}, REMARKS)
    text = document.read_text()
    assert text.index("1.7 %") < text.index("1.6 %")
    assert "1.5 %" not in text


def test_the_document_is_what_was_measured():
    document = ROOT / "docs" / "reproduction.md"
    rows = json.loads(document.with_suffix(".json").read_text(encoding="utf-8"))
    assert list(rows) == list(REMARKS)
    assert document.read_text(encoding="utf-8") == report.document(rows, REMARKS)


@pytest.mark.parametrize(
    ("values", "shown"), [([1.234], "1.23 %"), ([1.0, 2.0, 3.0], "2.00 ± 1.00 %")]
)
def test_a_spread_needs_several_seeds(values, shown):
    assert spread(values, "%") == shown
