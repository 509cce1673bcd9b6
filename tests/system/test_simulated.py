"""The simulation of verdicts: what it counts, and that it notices what is not held."""

import dataclasses
import json

import pytest
import verdict
from _places import ROOT
from click.testing import CliRunner
from simulated.counts import simulate
from simulated.worlds import NOISES, World
from speed import performance

DOCUMENT = ROOT / "docs" / "statistics.md"
NOTHING, TWO = verdict.WORLDS[:2]
CLEAR = World("clear", (0.0, 0.0, 9.0))


@pytest.fixture(scope="module")
def of_two():
    return simulate(TWO, 10, 200, 0)


@pytest.mark.parametrize("noise", NOISES)
def test_a_clear_winner_is_always_found(noise):
    found = simulate(dataclasses.replace(CLEAR, noise=noise), 10, 20, 0)
    assert (found.right_winner, found.helps, found.best_in_set, found.size) == (1, 1, 1, 1)
    assert (found.wrong_winner, found.helps_wrongly, found.no_help) == (0, 0, 0)


def test_what_is_better_without_dropout_is_a_right_winner_that_does_not_help():
    found = simulate(World("none", (9.0, 0.0, 0.0)), 10, 20, 0)
    assert (found.right_winner, found.helps, found.no_help) == (1, 0, 1)


def test_what_is_true_is_held(of_two):
    assert list(verdict.not_held({(TWO, 10): of_two}, 200)) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("value", 0.90),
        ("difference", 0.999),
        ("picked_difference", 0.88),
        ("best_in_set", 0.949),
        ("wrong_winner", 0.11),
        ("helps_wrongly", 0.051),
    ],
)
def test_what_is_not_held_is_noticed(of_two, column, value):
    broken = dataclasses.replace(of_two, **{column: value})
    lines = list(verdict.not_held({(TWO, 10): broken}, 200))
    assert lines == [f"{TWO.name}, 10 seeds: {column} {100 * value:.1f} %"]
    assert list(verdict.not_held({(verdict.HARSH, 10): broken}, 200)) == []


def test_uncorrected_statistics_do_not_hold():
    found = simulate(NOTHING, 10, 300, 0)
    assert found.uncorrected_best < 0.9 < found.best_in_set
    assert found.uncorrected_picked < 0.9 < found.picked_difference


def test_the_script_writes_three_tables(tmp_path):
    document = tmp_path / "statistics.md"
    document.write_text(f"# Prose\n\n{performance.MEASURED}", encoding="utf-8")
    done = CliRunner().invoke(verdict.main, ["--studies", "10", "--write", str(document)])
    assert done.exit_code == (1 if done.stderr else 0), done.output
    text = document.read_text(encoding="utf-8")
    assert text.startswith("# Prose\n\n<!-- measured -->\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Intervals",
        "## What is said",
        "## What is found",
    ]


def test_the_document_is_what_was_simulated():
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = json.loads(DOCUMENT.with_suffix(".json").read_text(encoding="utf-8"))
    prose = text.partition(performance.MEASURED)[0]
    assert text == performance.document(sections, prose + performance.MEASURED)
