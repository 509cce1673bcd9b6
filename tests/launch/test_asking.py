"""Programs of engines, asked."""

import pytest

from tuner.errors import TunerError
from tuner.launch.asking import ask


def test_a_program_is_told_and_answers(programs):
    programs.add("engine", says="7 started\n")
    assert ask(["engine", "start", "7"], text="of mine\n") == "7 started\n"
    assert programs.told("engine") == ["start 7"]
    assert programs.input("engine") == "of mine\n"


def test_a_program_that_fails_or_is_not_there_is_said(programs):
    programs.add("engine", says="no quota", code=3)
    with pytest.raises(TunerError, match=r"engine start failed \(3\): no quota"):
        ask(["engine", "start"])
    with pytest.raises(TunerError, match="no 'nowhere' on this machine: install it"):
        ask(["nowhere"], what="install it")
