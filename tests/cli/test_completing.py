"""What the shell completes, and that a key press harms nothing."""

import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from tuner.cli.main import SECTIONS, cli, run
from tuner.data import DATASETS
from tuner.models import MODELS
from tuner.schema import VARIANTS


def completed(*words):
    *arguments, start = words
    found = ShellComplete(cli, {}, "tuner", "_TUNER_COMPLETE").get_completions(arguments, start)
    return [item.value for item in found if item.type == "plain"]


@pytest.mark.parametrize(
    ("option", "known"), [("--variant", VARIANTS), ("--data", DATASETS), ("--model", MODELS)]
)
def test_names_are_completed(option, known):
    assert completed("search", option, "") == list(known)
    first = next(iter(known))
    assert first in completed("search", option, first[:2])
    assert completed("search", option, "zz") == []


def test_studies_of_files_and_of_the_store_are_completed(place, npz):
    assert "mnist" in completed("search", "")
    flags = ["--epochs", "1", "--width", "8", "--variant", "standard", "--trials", "1", "-q"]
    assert run(["submit", "--name", "stored", "--data", str(npz), *flags[:-1]]) == 0
    for command in ("compare", "status", "worker", "report", "delete"):
        assert "stored" in completed(command, "st")
    assert "stored" not in completed("status", "--storage", "sqlite:///other.db", "")


def test_a_key_press_makes_no_file_and_shows_no_error(place, capsys):
    for url in ("sqlite:///new.db", "postgresql://nobody@127.0.0.1:1/none", "nonsense"):
        assert "digits" in completed("status", "--storage", url, "")
    assert list(place.iterdir()) == []
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_a_script(shell, monkeypatch):
    monkeypatch.setenv("_TUNER_COMPLETE", f"{shell}_source")
    command = [sys.executable, "-c", "from tuner.cli.main import main; main()"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "_TUNER_COMPLETE" in done.stdout


def test_help_shows_every_command_under_one_heading(capsys):
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    grouped = [command.name for group in SECTIONS.values() for command in group]
    assert sorted(grouped) == sorted(cli.commands)
    assert len(set(grouped)) == len(grouped)
    for title in SECTIONS:
        assert f"\n{title}:\n" in shown
    for name in grouped:
        assert f"\n  {name} " in shown
