"""What nobody means is answered in a line, with the exit code that is documented for it.

`make fuzz` looks for new cases, ten minutes at each of the three doors.
"""

import numpy as np
import pytest
from _fuzzed_data import data_files
from _fuzzed_options import command_lines
from _fuzzed_studies import studies
from _fuzzing import fuzz

MORE = pytest.param(40, marks=pytest.mark.slow)
few_and_more = pytest.mark.parametrize("examples", [6, MORE])


@few_and_more
def test_study_files(npz, tmp_path, examples):
    y = np.arange(60) % 3
    np.savez(tmp_path / "images.npz", x=np.tile(y[:, None, None], (1, 8, 8)).astype("uint8"), y=y)
    images = (tmp_path / "images.npz").read_bytes()
    fuzz(studies(npz.read_bytes(), images), {0, 1, 2}, examples=examples)


@few_and_more
def test_data_files(tmp_path, monkeypatch, examples):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    fuzz(data_files(), {0, 1, 2}, examples=examples)


@pytest.mark.parametrize("examples", [MORE])
def test_command_lines(compared_folder, examples):
    fuzz(command_lines(), {0, 1, 2, 3}, compared_folder, examples)
