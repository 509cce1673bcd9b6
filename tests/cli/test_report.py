"""tuner report: where it writes, and what it needs."""

import contextlib
import json
import os
import subprocess
import sys

import _made_studies
import pytest
from _pages import trials

from tuner.cli.main import run
from tuner.storage.connect import open_storage

URL = "sqlite:///studies/tuner.db"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder whose store has a study and its comparison."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "studies").mkdir()
    with contextlib.chdir(folder):
        store = open_storage(URL, create=True)
        _made_studies.compare(_made_studies.study(*trials(8), store=store), store)
    return folder


@pytest.fixture
def stored(filled, monkeypatch):
    """The current folder is that of such a store."""
    monkeypatch.chdir(filled)
    return filled


def test_the_command_writes_the_report_and_says_where(stored, capsys):
    assert run(["report", "mine"]) == 0
    assert capsys.readouterr().out == "studies/mine/: report.html\n"
    written = (stored / "studies" / "mine" / "report.html").read_text(encoding="utf-8")
    assert "Use gaussian dropout at 0.3" in written
    assert run(["report", "mine/compare", "--out", "other/x.html", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ["other/x.html"]
    assert (stored / "other" / "x.html").read_text(encoding="utf-8") == written


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["mine", "--out", "studies"], "is a directory"),
        (["mine", "--out", "studies/tuner.db/report.html"], "cannot write"),
        (["nothing"], "unknown study 'nothing'"),
    ],
    ids=["a folder", "a place that cannot be", "an unknown study"],
)
def test_what_cannot_be_written_is_said_in_one_line(stored, arguments, says, capsys):
    assert run(["report", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("command", ["report", "plot"])
def test_what_takes_long_to_load_is_not_needed(stored, command):
    heavy = "{'matplotlib', 'tensorflow', 'keras', 'sklearn', 'pandas', 'plotly', 'scipy.stats'}"
    code = (
        f"import sys; from tuner.cli.main import run; run(['{command}', 'mine']);"
        f"print({heavy} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LOKY_MAX_CPU_COUNT": "2"},
    )
    assert done.stdout.splitlines()[-1] == "set()"
