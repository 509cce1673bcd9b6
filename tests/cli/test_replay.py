"""tuner replay: the same value, or by how much it differs."""

import json

from _compared import STORE

from tuner.cli.main import run
from tuner.storage.connect import open_storage
from tuner.study.studies import load_study


def test_replay_says_same_or_by_how_much(searched, capsys):
    capsys.readouterr()
    assert run(["replay", "mine", "4"]) == 0
    assert "trial 4, 3 epochs: same value, accuracy" in capsys.readouterr().out
    store = open_storage(STORE)
    study = load_study("mine", store)
    study.set_user_attr("versions", study.user_attrs["versions"] | {"keras": "2.0"})
    text = "UPDATE trial_values SET value = value - 0.25 WHERE trial_id = 5"
    store.database.run(lambda connection: connection.exec_driver_sql(text))
    assert run(["replay", "mine", "4"]) == 1
    shown = capsys.readouterr()
    assert "+0.25 from the recorded" in shown.out
    assert "keras 2.0 then" in shown.out
    assert "trial 4 has another value now" in shown.err
    assert run(["replay", "mine", "4", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["same"] is False


def test_replay_of_what_is_not_there(searched, capsys):
    assert run(["replay", "mine", "99"]) == 2
    assert "has no trial 99" in capsys.readouterr().err
