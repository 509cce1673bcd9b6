"""What the terminal shows is what the report says."""

import _made_studies
import pytest
from _pages import Parsed, html, trials

from tuner.cli import display
from tuner.study.reading import read


@pytest.fixture(scope="module")
def searched():
    return html(_made_studies.study(*trials()))


def test_report_and_terminal_use_the_same_words(searched, capsys):
    display.print_answer(read(_made_studies.study(*trials())), [])
    told = [line for line in capsys.readouterr().out.splitlines() if line.endswith(".")]
    assert len(told) == 3
    assert all(line in Parsed(searched).text for line in told)
