"""A search that is killed and begun again ends as if nothing had happened."""

import os
import random
import signal
import time

import pytest
from _cli import Running

from tuner.errors import TunerError
from tuner.storage.connect import open_storage
from tuner.study.reading import read
from tuner.study.studies import load_study

N_TRIALS = 20
VARIANTS = ("none", "standard", "gaussian", "concrete")


def begin(folder, npz):
    folder.mkdir(exist_ok=True)
    flags = (
        f"--data {npz} --name s --trials {N_TRIALS} --epochs 12 --width 8 --width 16 --jobs 1 -q"
    )
    variants = [word for name in VARIANTS for word in ("--variant", name)]
    return Running("search", *flags.split(), *variants, cwd=folder, is_session=True)


def rows(folder):
    try:
        results = read(load_study("s", open_storage(f"sqlite:///{folder}/studies/tuner.db")))
    except TunerError:  # not there yet
        return []
    return [(t.number, t.state, t.value, t.last_value, dict(t.params)) for t in results.trials]


def n_finished(folder):
    return sum(row[1] in ("COMPLETE", "PRUNED") for row in rows(folder))


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_a_killed_search_ends_with_the_rows_of_an_undisturbed_one(tmp_path, npz):
    calm = begin(tmp_path / "calm", npz)
    assert calm.wait(200) == 0, calm.stderr
    chance = random.Random(0)
    for goal in (3, 8, 14):
        search = begin(tmp_path / "killed", npz)
        while n_finished(tmp_path / "killed") < goal:
            assert search.poll() is None, search.stderr
            time.sleep(0.2)
        time.sleep(chance.uniform(0, 0.3))
        os.killpg(search.pid, signal.SIGKILL)
        search.wait()
    last = begin(tmp_path / "killed", npz)
    assert last.wait(200) == 0, last.stderr
    undisturbed = rows(tmp_path / "calm")
    assert len(undisturbed) == N_TRIALS
    for killed, calm_row in zip(rows(tmp_path / "killed"), undisturbed, strict=True):
        assert killed == calm_row
    assert {row[1] for row in undisturbed} == {"COMPLETE", "PRUNED"}
