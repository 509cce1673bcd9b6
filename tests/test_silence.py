"""What C++ code says while modules are imported is not heard; what Python prints is."""

import os
import sys

from tuner.silence import silenced


def test_what_is_written_to_the_descriptor_is_dropped_unless_it_is_asked_for(capfd):
    with silenced():
        os.write(2, b"greeting")
    with silenced(verbose=True):
        os.write(2, b"asked for")
    assert capfd.readouterr().err == "asked for"


def test_what_python_prints_is_heard_on_stderr_where_stdout_is_that(capfd, monkeypatch):
    monkeypatch.setattr("sys.stdout", sys.stderr)
    with silenced():
        sys.stdout.write("said\n")
        os.write(2, b"greeting")
    assert capfd.readouterr().err == "said\n"
