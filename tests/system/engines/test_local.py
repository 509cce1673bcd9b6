"""Workers of this machine, launched and left alone: they are struck, and nothing is lost."""

import re

import pytest
from _launched import Launched

pytestmark = [pytest.mark.zoo, pytest.mark.timeout(900)]


@pytest.fixture
def launched(url, npz, capsys):
    launched = Launched("local", url, npz)
    launched.start(2)
    yield launched
    launched.stop()


def test_forty_trials_end_once_whatever_ends_their_workers(launched, here, capsys):
    launched.wait_for(3)
    launched.strike("killed", launched.kill)
    launched.start(1, "--time", "4s")
    launched.wait_for(12)
    launched.wait(lambda: "ended" in [each["state"] for each in launched.states(capsys)[2:]])
    launched.done["out of time"] += 1
    launched.strike("stopped", launched.stop)
    assert launched.n_finished() < 40
    launched.start(2)
    launched.wait_for(40)
    launched.wait(lambda: {each["state"] for each in launched.states(capsys)} == {"ended"})
    launched.check()
    logs = "".join(path.read_text() for path in here.glob("studies/far/logs/*.log"))
    ended = re.findall(r"trial (\d+) complete", logs)
    assert len(ended) == len(set(ended)) >= 39  # who is killed may have just ended one
