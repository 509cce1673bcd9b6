"""What a process has to arrange before TensorFlow is imported, and around a search."""

import contextlib
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import optuna

from tuner.errors import BudgetError, place_of
from tuner.workers.pool import set_environment


def quiet(*, verbose: bool = False) -> None:
    """Choose the TensorFlow backend of Keras, and keep the libraries' chatter off stderr."""
    set_environment(verbose=verbose)
    if verbose:
        return
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    for name in ("tensorflow", "absl"):
        logging.getLogger(name).setLevel(logging.ERROR)


@contextlib.contextmanager
def without(*packages: str) -> Iterator[None]:
    """Let imports in this block do without optional packages, as if they were not installed."""
    absent: list[str] = [name for name in packages if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


class _OutOfTimeError(BaseException):
    """No Exception, which code of a user's may catch."""


@contextlib.contextmanager
def limited(seconds: float | None, what: str) -> Iterator[None]:
    """BudgetError, which says `what` and where, if this block takes longer, even where it hangs.

    In another thread than the first, where nothing can interrupt it, it may.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_number: int, _frame: Any) -> None:
        raise _OutOfTimeError

    handler = signal.signal(signal.SIGALRM, end)
    before = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), 1.0)
    try:
        yield
    except _OutOfTimeError as error:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        place = place_of(error)
        raise BudgetError(f"out of time: {what}" + (f" ({place})" if place else "")) from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, handler)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does: the running trial goes back to the queue.

    In another thread than the first, where Python lets nobody listen, it stays as it is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupt(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Stop(threading.Event):
    """Set by a signal, which has this `number` then, or by anybody else."""

    number: int | None = None


@contextlib.contextmanager
def stoppable() -> Iterator[Stop]:
    """The first SIGTERM, SIGUSR1 or Ctrl-C sets the event, a second one ends the process at once.

    SIGUSR1 is what batch systems send before a limit of time. Ctrl-C is a KeyboardInterrupt after
    the block.
    """
    stopping = Stop()

    def stop(number: int, _frame: Any) -> None:
        if stopping.is_set():
            os._exit(128 + number)
        stopping.number = number
        stopping.set()

    numbers = (signal.SIGTERM, signal.SIGUSR1, signal.SIGINT)
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if stopping.number == signal.SIGINT:
        raise KeyboardInterrupt
