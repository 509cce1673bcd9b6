"""Tasks give the same in several processes as in one, whatever becomes of the others."""

import os
import subprocess
import sys

import pytest

from tuner.plots._sharing import share

PRELUDE = """
import os, sys
from tuner.plots._sharing import share

here = os.getpid()
"""
needs_cores = pytest.mark.skipif(
    not hasattr(os, "sched_getaffinity") or len(os.sched_getaffinity(0)) < 2,
    reason="needs two cores",
)


def run(script):
    """The output of a script in a process of its own: this one may have loaded TensorFlow."""
    command = [sys.executable, "-c", PRELUDE + script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.fixture(autouse=True)
def two_cores(monkeypatch):
    """A process that shares has another to share with."""
    monkeypatch.setenv("LOKY_MAX_CPU_COUNT", "2")


def test_results_are_in_the_order_of_the_tasks():
    found = run("print(*share([lambda i=i: i * i for i in range(40)])())")
    assert found == [str(i * i) for i in range(40)]


@needs_cores
def test_another_process_begins_before_the_results_are_asked_for():
    found = run("""
receiver, sender = os.pipe()
finish = share([lambda: os.write(sender, b"%d " % os.getpid())] * 2)
print(here != int(os.read(receiver, 20).split()[0]), *finish())
""")
    assert found[0] == "True"
    assert len(found) == 3


@needs_cores
def test_a_process_may_die_before_all_tasks_are_given():
    found = run("""
import time
from concurrent.futures import ProcessPoolExecutor
given = ProcessPoolExecutor.submit
def submit(*arguments):
    future = given(*arguments)
    time.sleep(0.3)
    return future
ProcessPoolExecutor.submit = submit
print(*share([lambda: os.getpid() == here or os._exit(1)] * 3)())
""")
    assert found == ["True"] * 3


@needs_cores
@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), 9)", "1 / 0"])
def test_tasks_of_a_process_that_fails_are_done_here(end):
    found = run(f"""
receiver, sender = os.pipe()
def task():
    if os.getpid() != here:
        os.write(sender, b"x")
        {end}
    return "done"
finish = share([task] * 3)
os.read(receiver, 1)
print(*finish())
""")
    assert found == ["done"] * 3


def test_what_fails_everywhere_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        share([lambda: 1, lambda: 1 // 0])()
    found = run("""
try:
    share([lambda: 1, lambda: 1 // 0])()
except ZeroDivisionError:
    print("raised")
""")
    assert found == ["raised"]


@pytest.mark.parametrize("library", ["tensorflow", "jax", "torch"])
def test_nothing_is_forked_where_a_library_has_threads(library):
    found = run(f"""
sys.modules[{library!r}] = None
print(*(pid == here for pid in share([os.getpid] * 20)()))
""")
    assert found == ["True"] * 20


@pytest.mark.parametrize(
    "tasks",
    ["[os.getpid] * 4", "[lambda: 1 // 0] * 4", "[lambda: os.getpid() == here or os._exit(1)] * 4"],
    ids=["done", "failed", "died"],
)
def test_no_process_is_left(tasks):
    found = run(f"""
import contextlib, multiprocessing
with contextlib.suppress(ZeroDivisionError):
    share({tasks})()
print(len(multiprocessing.active_children()))
""")
    assert found == ["0"]


def test_what_nobody_asks_for_keeps_no_process_from_its_end():
    run("""
import time
finish = share([lambda: time.sleep(0.01)] * 20)
""")
