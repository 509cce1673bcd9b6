"""18,000 images from a folder, as people have them: searched in little memory."""

import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "cifar10-jpeg.tar"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ARCHIVE.exists(), reason="needs the archive of JPEG files beside us"),
]
COMMAND = "search --data cifar10 --model cnn --trials 2 --epochs 1 --verbose"
MOST_MIB, MOST_WAITING = 2048, 0.1


def family(pid):
    """A process and all that it has started."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [each for child in children.read_text().split() for each in family(int(child))]
    return found


def memory_of(pid):
    """The memory of a family in MiB, with what they share counted once."""
    found = 0
    try:
        for each in family(pid):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            found += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    except OSError:  # one has ended meanwhile
        return 0
    return found / 1024


def shares_of_waiting(said):
    """Of each worker the share of its training that it waited for rows."""
    for line in said.splitlines():
        if line.startswith("seconds of a worker: "):
            parts = dict(part.rsplit(" ", 1) for part in line.split(": ", 1)[1].split(", "))
            waited = float(parts["waiting for rows"])
            yield waited / (waited + float(parts["train"]) + float(parts["evaluate"]))


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_a_folder_of_jpeg_files_is_searched_in_two_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(tmp_path, filter="data")
    with (tmp_path / "said").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tuner", *COMMAND.split()], cwd=tmp_path, stderr=said
        )
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory_of(process.pid))
            time.sleep(0.2)
    text = (tmp_path / "said").read_text()
    assert process.returncode == 0, text
    assert "the folder cifar10 that is here" in text
    assert "[2/2]" in text
    assert 300 < peak < MOST_MIB
    shares = list(shares_of_waiting(text))
    assert shares
    assert max(shares) < MOST_WAITING
