"""What the terminal shows is what the report says."""

import _made_studies
import pytest
from _pages import Parsed, html, trials

from tuner.cli import display
from tuner.comparison.answer import answer_in
from tuner.study import summary
from tuner.study.reading import read


@pytest.fixture(scope="module")
def searched():
    return html(_made_studies.study(*trials()))


def test_report_and_terminal_use_the_same_words(searched, capsys):
    study = _made_studies.study(*trials())
    display.print_answer(read(study), answer_in(study, study._storage), [])
    lines = capsys.readouterr().out.splitlines()
    told = [line.removeprefix("Answer: ") for line in lines if line.endswith(".")]
    assert len(told) == 7
    assert [line for line in told if line not in Parsed(searched).text] == [
        summary.best_line(read(study))
    ]
