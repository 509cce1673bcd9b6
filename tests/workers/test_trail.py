"""Where processes are, dead or alive."""

import pytest
from _waiting import exists, wait_for

from tuner.workers.gone import Gone
from tuner.workers.pool import Pool

HANGS = """
import ctypes, os, time

def hang(mail):
    mail.send(os.getpid())
    while True:
        time.sleep(600)

def leave(mail):
    os._exit(3)

def crash(mail):
    ctypes.string_at(0)
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hangs.py").write_text(HANGS)


def said(pool):
    found = []
    wait_for(lambda: found.extend(pool.receive(0.1)) or found)
    return found[0]


def test_a_process_that_hangs_says_where_and_is_ended(monkeypatch):
    monkeypatch.setattr("tuner.workers.pool._GRACE", 0.5)
    with Pool(1, "hangs:hang", ()) as pool:
        pid = said(pool)
        wait_for(lambda: pool.where(pid) == "hangs.py, line 7, in hang", 5)
        pool.end(pid)
        wait_for(lambda: not exists(pid), 10)
        assert said(pool).reason == "its worker died (SIGKILL: out of memory?)"


@pytest.mark.parametrize(
    ("function", "code", "reason"),
    [
        ("leave", 3, "its process exited (3) at hangs.py, line 10, in leave"),
        ("crash", -11, "its process was ended by SIGSEGV at hangs.py, line 13, in crash"),
    ],
)
def test_a_process_that_is_gone_has_left_its_exit_code_and_its_last_line(function, code, reason):
    with Pool(1, f"hangs:{function}", ()) as pool:
        gone = said(pool)
    assert isinstance(gone, Gone)
    assert (gone.code, gone.reason, gone.is_own) == (code, reason, True)
