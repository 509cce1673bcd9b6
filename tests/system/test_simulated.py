"""The simulation of verdicts: what it counts, and that it notices what is not held."""

import dataclasses
import json

import pytest
import verdict
from _places import ROOT
from click.testing import CliRunner
from simulated.counts import simulate
from simulated.designs import RACE
from simulated.worlds import NOISES, World
from speed import performance

DOCUMENT = ROOT / "docs" / "statistics.md"
NOTHING, TWO = verdict.WORLDS[:2]
CONFOUNDED = next(world for world in verdict.WORLDS if world.name.startswith("confounded: "))
CLEAR = World("clear", (0.0, 9.0))
DESIGNS = (10, RACE)


@pytest.fixture(scope="module")
def of_two():
    return simulate(TWO, 10, 200, 0)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("noise", NOISES)
def test_a_clear_gain_is_always_found(noise, design):
    found = simulate(dataclasses.replace(CLEAR, noise=noise), design, 20, 0)
    assert (found.helps, found.helps_right, found.best_in_set) == (1, 1, 1)
    assert (found.wrong_winner, found.helps_wrongly, found.no_help) == (0, 0, 0)
    assert design == RACE or (found.right_winner, found.size) == (1, 1)


@pytest.mark.parametrize("design", DESIGNS)
def test_what_is_better_without_dropout_does_not_help(design):
    found = simulate(World("none", (0.0, 0.0), (9.0,)), design, 20, 0)
    assert (found.helps, found.no_help) == (0, 1)


def test_where_only_width_matters_twins_tell_what_the_best_none_did_not():
    found = simulate(CONFOUNDED, RACE, 100, 0)
    assert found.helps_wrongly <= 0.05
    assert found.before_wrongly > 0.9


def test_a_race_takes_less_than_half_of_the_trainings_of_ten_seeds():
    found = simulate(verdict.BETTER[1], RACE, 200, 0)
    assert found.helps >= found.before
    assert found.trainings < 60


def test_what_is_true_is_held(of_two):
    assert list(verdict.not_held({(TWO, 10): of_two}, 200)) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("value", 0.90),
        ("effect", 0.90),
        ("picked_gain", 0.88),
        ("best_in_set", 0.949),
        ("wrong_winner", 0.11),
        ("helps_wrongly", 0.051),
        ("network_wrongly", 0.051),
    ],
)
def test_what_is_not_held_is_noticed(of_two, column, value):
    broken = dataclasses.replace(of_two, **{column: value})
    lines = list(verdict.not_held({(TWO, 10): broken}, 200))
    assert lines == [f"{TWO.name}, 10: {column} {100 * value:.1f} %"]
    assert list(verdict.not_held({(verdict.HARSH, 10): broken}, 200)) == []


@pytest.mark.slow
def test_uncorrected_statistics_do_not_hold():
    found = simulate(NOTHING, 10, 300, 0)
    assert found.uncorrected_best < 0.9 < found.best_in_set
    assert found.uncorrected_gain < 0.9 < found.picked_gain


@pytest.mark.slow
def test_the_script_writes_three_tables(tmp_path):
    document = tmp_path / "statistics.md"
    document.write_text(f"# Prose\n\n{performance.MEASURED}", encoding="utf-8")
    done = CliRunner().invoke(
        verdict.main, ["--studies", "10", "--jobs", "1", "--write", str(document)]
    )
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
