"""Tasks give the same in several processes as in one, whatever becomes of the others."""

import os
import subprocess
import sys

import pytest

from tuner.plots.helpers import Helpers

TASKS = """
import os

here = int(os.environ.get("HERE", 0))

def square(i):
    return i * i

def pid(_):
    return os.getpid()

def fails(i):
    return 1 // 0

def dies(i):
    return os.getpid() == here or os._exit(1)

def is_killed(i):
    return os.getpid() == here or os.kill(os.getpid(), 9)

def fails_there(i):
    return os.getpid() == here or 1 // 0

def waits(path):
    while not os.path.exists(path):
        pass
    return os.getpid()
"""
PRELUDE = """
import contextlib, multiprocessing, os, sys
os.environ["HERE"] = str(os.getpid())
from tuner.plots.helpers import helping

def shared(name, given):
    with helping(len(given)) as helpers:
        asked = [helpers.begin(f"tasks:{name}", each) for each in given]
        return [finish() for finish in asked]
"""
needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs two cores",
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The output of a script in a process of its own: this one may have loaded TensorFlow."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")
    (tmp_path / "tasks.py").write_text(TASKS)

    def ran(script):
        done = subprocess.run(
            [sys.executable, "-c", PRELUDE + script],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            cwd=tmp_path,
        )
        assert done.stderr == ""
        return done.stdout.split()

    return ran


def test_results_are_those_of_the_tasks(run):
    assert run("print(*shared('square', range(40)))") == [str(i * i) for i in range(40)]


@needs_cores
def test_two_processes_begin_before_the_results_are_asked_for(run):
    found = run("""
with helping(2) as helpers:
    asked = [helpers.begin("tasks:waits", "go") for _ in range(2)]
    open("go", "w").close()
    found = {finish() for finish in asked}
print(len(found), os.getpid() in found)
""")
    assert found == ["2", "False"]


@needs_cores
@pytest.mark.parametrize("name", ["dies", "is_killed", "fails_there"])
def test_tasks_of_a_process_that_fails_are_done_here(run, name):
    assert set(run(f"print(*shared('{name}', range(5)))")) <= {"True"}


def test_what_cannot_be_sent_is_done_here(run):
    here, found = run("print(os.getpid(), *shared('pid', [lambda: 0]))")
    assert found == here


def test_what_fails_everywhere_is_raised_here(run):
    with pytest.raises(ZeroDivisionError):
        Helpers().begin("operator:floordiv", 1, 0)()
    script = "with contextlib.suppress(ZeroDivisionError): print(shared('fails', range(2)))"
    assert run(script) == []


@pytest.mark.parametrize("library", ["tensorflow", "jax", "torch"])
def test_nothing_is_forked_where_a_library_has_threads(run, library):
    found = run(f"sys.modules[{library!r}] = None; print(os.getpid(), *shared('pid', range(4)))")
    assert len(set(found)) == 1


@pytest.mark.parametrize("name", ["pid", "fails", "dies"])
def test_no_process_is_left(run, name):
    found = run(f"""
with contextlib.suppress(ZeroDivisionError):
    shared({name!r}, range(4))
print(len(multiprocessing.active_children()))
""")
    assert found == ["0"]


def test_what_nobody_asks_for_keeps_no_process_from_its_end(run):
    run("""
with helping(2) as helpers:
    asked = [helpers.begin("tasks:square", i) for i in range(20)]
""")
