"""Which trials take too long."""

import os

import pytest

from tuner.training.settings import TrainingSettings
from tuner.workers.watch import FIRST, FLOOR, TIMES, Limits, Watch, resident


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def watch(clock):
    return Watch(clock)


def passes(watch, clock, seconds):
    """Look every second, as a leader does; what is overdue at the end."""
    found = []
    for _ in range(round(seconds)):
        clock.now += 1
        found = watch.overdue()
    return [(each.number, reason) for each, reason in found]


def test_a_trial_that_takes_longer_than_it_may_is_overdue_however_it_gets_on(watch, clock):
    watch.begin(1, "s", 7, Limits(trial=10))
    for _ in range(10):
        assert passes(watch, clock, 1) == []
        watch.progress(1)
    assert passes(watch, clock, 1) == [(7, "ended after 10 s, its max_seconds")]


def test_a_trial_without_an_epoch_for_too_long_is_overdue(watch, clock):
    watch.begin(1, "s", 7, Limits(epoch=10))
    assert passes(watch, clock, 9) == []
    watch.progress(1)
    assert passes(watch, clock, 10) == []
    assert passes(watch, clock, 1) == [(7, "hung: no epoch for 10 s, its max_epoch_seconds")]


def test_the_first_epoch_of_a_study_has_an_hour(watch, clock):
    watch.begin(1, "s", 0, Limits())
    assert passes(watch, clock, FIRST) == []
    ((number, reason),) = passes(watch, clock, 1)
    assert (number, reason[:16]) == (0, "hung: no epoch f")
    assert reason.endswith("where one takes longer give max_epoch_seconds")
    watch.end(1)
    watch.begin(2, "t", 1, Limits(epoch=2 * FIRST))
    assert passes(watch, clock, 2 * FIRST) == []


def test_many_times_the_longest_stretch_between_epochs_is_too_long_but_some_minutes_never(
    watch, clock
):
    watch.begin(1, "s", 0, Limits())
    passes(watch, clock, 40)
    watch.progress(1)
    watch.end(1)
    watch.begin(1, "s", 1, Limits())
    assert passes(watch, clock, TIMES * 40) == []
    ((number, reason),) = passes(watch, clock, 1)
    assert (number, reason) == (1, "hung: no epoch for 13 min, the longest before took 40 s")
    watch.begin(2, "quick", 2, Limits())
    passes(watch, clock, 1)
    watch.progress(2)
    assert passes(watch, clock, FLOOR - 1)[1:] == []


def test_what_the_store_knows_is_a_measure(watch, clock):
    watch.begin(1, "s", 0, Limits.of(TrainingSettings(), 60.0))
    assert passes(watch, clock, TIMES * 60) == []
    assert passes(watch, clock, 1) != []


def test_while_nobody_looks_nothing_becomes_overdue(watch, clock):
    """The leader waits for its database, or was stopped: so may have been its workers."""
    watch.begin(1, "s", 0, Limits(epoch=10))
    clock.now += 1000
    assert watch.overdue() == []


def test_a_process_that_has_ended_is_not_watched(watch, clock):
    watch.begin(1, "s", 3, Limits(epoch=1))
    assert watch.end(1).number == 3
    assert passes(watch, clock, 5) == []
    assert watch.end(1) is None


def test_a_trial_whose_process_has_more_memory_than_it_may_is_overdue(clock):
    taken = {1: 1.0, 2: 3.0}
    watch = Watch(clock, taken.__getitem__)
    watch.begin(1, "s", 7, Limits.of(TrainingSettings(max_memory=2.5)))
    watch.begin(2, "s", 8, Limits())
    assert passes(watch, clock, 1) == []
    taken[1] = 2.6
    reason = "ended with 2.6 GB, as its max_memory is 2.5 GB"
    assert passes(watch, clock, 1) == [(7, reason)]


def test_the_memory_of_a_process_is_what_it_holds():
    before = resident(os.getpid())
    held = bytearray(os.urandom(1)) * 300_000_000
    assert resident(os.getpid()) - before > 0.9 * len(held) / 1e9
    assert resident(2**22 + 1) == 0.0
