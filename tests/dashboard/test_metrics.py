"""What a monitoring is told of a store."""

import json
import re

import sqlalchemy
from _places import ROOT
from prometheus_client.parser import text_string_to_metric_families
from simulated.stored import make_study
from werkzeug.test import Client

from tuner.dashboard import metrics
from tuner.dashboard.app import Board
from tuner.storage.tables import TRIALS
from tuner.study.overview import overview
from tuner.study.studies import load_study


def asked(board):
    """The value of each series, by its name and labels."""
    answer = Client(board).get("/metrics", headers={"Accept": "text/plain"})
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_trials_epochs_and_workers_are_those_of_the_store(tmp_path, monkeypatch):
    monkeypatch.setattr(metrics, "_REST", 0)
    url = f"sqlite:///{tmp_path}/s.db"
    store = make_study(url, 20, 3)
    study = load_study("simulated", store)
    board = Board(url)
    found, known = asked(board), overview(study)
    of = ("study", "simulated")
    counts = known.results.counts
    for state in ("complete", "pruned", "failed", "waiting", "running"):
        assert found["tuner_trials", ("state", state), of] == getattr(counts, state)
    assert found["tuner_epochs_total", of] == sum(len(t.intermediate_values) for t in study.trials)
    assert found["tuner_lost_attempts_total", of] == known.retries
    assert not any(name.startswith("tuner_worker") for name, *_ in found)
    with store.database.engine.begin() as connection:
        last = sqlalchemy.select(sqlalchemy.func.max(TRIALS.c.trial_id)).scalar_subquery()
        connection.execute(
            sqlalchemy.update(TRIALS).where(TRIALS.c.trial_id == last).values(state="RUNNING")
        )
    found = asked(board)
    assert found["tuner_trials", ("state", "running"), of] == 1
    assert sum(name == "tuner_worker_idle_seconds" for name, *_ in found) == 1


def test_a_store_that_takes_long_to_count_is_left_alone_for_a_while(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/s.db"
    make_study(url, 5, 2)
    reads = []
    read = metrics._read
    monkeypatch.setattr(metrics, "_read", lambda database: reads.append(1) or read(database))
    monkeypatch.setattr(metrics, "_REST", 1e6)
    board = Board(url)
    assert asked(board) == asked(board)
    assert len(reads) == 1


def test_the_board_asks_for_what_there_is():
    board = json.loads((ROOT / "deploy" / "grafana.json").read_text(encoding="utf-8"))
    asked = {
        name
        for panel in board["panels"]
        for target in panel["targets"]
        for name in re.findall(r"tuner_\w+", target["expr"])
    }
    given = {"tuner_trials"}
    given |= {f"tuner_{name}_total" for name in metrics.TOTALS}
    given |= {f"tuner_worker_{name}" for name in metrics.OF_WORKERS}
    assert given >= asked != set()
