"""The cores that a process may use."""

import os

import pytest

from tuner.workers import environment


@pytest.mark.parametrize(
    ("limit", "cores"),
    [("100000 100000", 1), ("50000 100000", 1), ("250000 100000", 2), ("max 100000", 8), (None, 8)],
)
def test_a_containers_share_counts(tmp_path, monkeypatch, limit, cores):
    file = tmp_path / "cpu.max"
    if limit is not None:
        file.write_text(limit + "\n")
    monkeypatch.setattr(environment, "_CPU_MAX", file)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: range(8), raising=False)
    assert environment.n_cores() == cores
