"""Batches that are read ahead: all of them, in order, a few early."""

import threading
import time

import pytest

from tuner.training.ahead import read_ahead
from tuner.training.clock import Clock


def test_all_come_in_order():
    assert list(read_ahead(lambda n: n * n, range(20))) == [n * n for n in range(20)]


def test_some_are_read_before_they_are_asked_for_and_not_all():
    read, enough = [], threading.Event()

    def note(n):
        read.append(n)
        if len(read) == 5:
            enough.set()
        return n

    batches = read_ahead(note, range(100))
    assert next(batches) == 0
    assert enough.wait(10)
    assert len(read) < 10
    assert list(batches) == list(range(1, 100))


def test_what_goes_wrong_in_reading_is_raised():
    def fail(n):
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(read_ahead(fail, range(3)))


def test_the_time_one_waits_is_counted_and_that_between_is_not():
    def slow():
        for n in range(3):
            time.sleep(0.02)
            yield n

    clock, began = Clock(), time.perf_counter()
    for _ in clock.waiting("rows", slow()):
        time.sleep(0.05)
    assert 0.06 <= clock.seconds["rows"] <= time.perf_counter() - began - 0.15
