"""Waiting for other processes."""

import os
import time

from tuner.workers.gone import Gone

WORKERS = """
import os, sys, time
from tuner.errors import UsageError
from tuner.workers.channel import Stop
from tuner.workers.messages import Notice, Ready

def echo(first, mail):
    mail.send((first, os.getcwd(), "tensorflow" in sys.modules, "jax" in sys.modules))
    while (order := mail.order(0.01)) is None:
        pass
    mail.send(("heard", type(order).__name__))

def wait(mail):
    mail.send(os.path.samestat(os.fstat(1), os.fstat(2)))
    while not isinstance(mail.order(0.01), Stop):
        pass
    open("stopped", "w").close()

def late(mail):
    mail.send(Notice("begun"))
    while not os.path.exists("stop"):
        time.sleep(0.01)
    mail.send(Ready(None, None, ()))
    time.sleep(0.5)  # so that it hears all that is said to it at once
    while not isinstance(mail.order(0.01), Stop):
        pass

def fail(mail):
    raise UsageError("no luck")

def linger(mail):
    mail.send(os.getpid())
    while not isinstance(mail.order(0.01), Stop):
        pass
    time.sleep(1)
    open("stopped", "w").close()

def sleep(mail):
    mail.send(os.getpid())
    time.sleep(600)
"""


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)
    return found


def heard(pool, n):
    found = []

    def is_heard():
        found.extend(each for each in pool.receive(0.1) if not isinstance(each, Gone))
        return len(found) >= n or not len(pool)

    wait_for(is_heard)
    return found


def exists(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
