"""The simulation of searches: what it counts, and that its document is what was simulated."""

import json

import knowing
import pytest
from _places import ROOT
from click.testing import CliRunner
from simulated.searches import Search, simulate
from speed import performance

DOCUMENT = ROOT / "docs" / "search.md"


def strong(_generator):
    return lambda variant, rate, wide: 9.0 * rate


@pytest.mark.parametrize("chosen", [False, True], ids=["random", "chosen"])
def test_what_is_plain_is_found(chosen):
    found = simulate(Search("plain", strong, noise=0.1), 24, 3, 0, chosen=chosen)
    assert (found.sure, found.wrong) == (1, 0)
    assert found.regret < 2


def test_helping_is_not_said_of_what_only_harms():
    found = simulate(Search("harm", knowing.harm, noise=0.1), 24, 5, 0, chosen=False)
    assert (found.sure, found.wrong) == (0, 0)


@pytest.mark.slow
def test_the_script_writes_a_table(tmp_path):
    document = tmp_path / "search.md"
    document.write_text(f"# Prose\n\n{performance.MEASURED}", encoding="utf-8")
    given = ["--studies", "2", "--trials", "12", "--write", str(document)]
    done = CliRunner().invoke(knowing.main, given)
    assert done.exit_code == 0, done.output
    assert "## What held" in document.read_text(encoding="utf-8")


def test_the_document_is_what_was_simulated():
    text = DOCUMENT.read_text(encoding="utf-8")
    sections = json.loads(DOCUMENT.with_suffix(".json").read_text(encoding="utf-8"))
    prose = text.partition(performance.MEASURED)[0]
    assert text == performance.document(sections, prose + performance.MEASURED)
