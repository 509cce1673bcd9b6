"""The server that workers are forked from has what they need, and the leader does without it."""

import subprocess
import sys

import pytest

SEARCH = """
import sys
from tuner.cli.main import run

if __name__ == "__main__":
    code = run(["search", "--trials", "2", "--epochs", "1", "--jobs", "1", "--quiet"])
    print(code, *({"keras", "tensorflow"} & set(sys.modules)), file=sys.stderr)
"""


@pytest.mark.slow
def test_the_server_imports_all_that_a_worker_needs():
    """Python ignores an ImportError there: each worker would import TensorFlow by itself."""
    command = [sys.executable, "-c", "import tuner.workers.preload"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_the_leader_of_a_search_does_not_load_keras(tmp_path):
    script = tmp_path / "search.py"
    script.write_text(SEARCH)
    command = [sys.executable, script.name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "0"
