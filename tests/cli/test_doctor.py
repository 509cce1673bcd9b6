"""tuner doctor: what is missing, and what it mends."""

from tuner.cli.main import run


def test_doctor_finds_what_is_missing(capsys):
    assert run(["doctor"]) == 1
    assert "NOT OK" in capsys.readouterr().out
    assert run(["init"]) == 0
    assert run(["doctor"]) == 0
