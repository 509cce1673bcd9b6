"""What a process arranges around a search: signals, and packages to do without."""

import importlib
import os
import signal
import sys

import pytest

from tuner.workers.runtime import interruptible, stoppable, without


def test_a_package_to_do_without_cannot_be_imported_and_can_be_later():
    sys.modules.pop("colorsys", None)
    with without("colorsys"), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv(0, 0, 0) == (0, 0, 0)


def test_sigterm_is_an_interrupt_in_a_search_and_what_it_was_after_it():
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(KeyboardInterrupt), interruptible():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_the_first_sigterm_asks_a_worker_to_stop(number):
    with stoppable() as stopping:
        assert not stopping.is_set()
        os.kill(os.getpid(), number)
        assert stopping.is_set()
        assert stopping.number == number


def test_ctrl_c_asks_a_worker_to_stop_and_is_an_interrupt_afterwards():
    asked = []

    def work():
        with stoppable() as stopping:
            os.kill(os.getpid(), signal.SIGINT)
            asked.append(stopping.is_set())

    with pytest.raises(KeyboardInterrupt):
        work()
    assert asked == [True]
