"""Notes: of leaders and of failures, as text."""

import json
import re

import optuna
import pytest

from tuner.dashboard.renewing import renew, show
from tuner.storage.tables import USER_ATTRS
from tuner.study.studies import load_study


def storage_of(store):
    return optuna.storages.get_storage(store.database)


def attrs(store, name="simulated"):
    study = load_study(name, store)
    return store.get_study_system_attrs(study._study_id)


@pytest.fixture
def store(simulated):
    return simulated


def test_leaders_and_the_first_that_failed_have_notes(store):
    renew(store.database, storage_of(store))
    noted = {
        int(key.split(":")[1])
        for key in attrs(store)
        if re.fullmatch(r"dashboard:\d+:note_ver", key)
    }
    trials = {t._trial_id: t for t in load_study("simulated", store).get_trials()}
    failed = [t for t in trials.values() if t.state.name == "FAIL"]
    leaders = {trials[n].user_attrs["params"]["variant"] for n in noted if trials[n].values}
    assert len(noted) == len(leaders) + len(failed)
    assert len(leaders) == 12
    first = failed[0]._trial_id
    assert "out of memory" in attrs(store)[f"dashboard:{first}:note_str:0"]


def test_notes_show_text_as_it_is(store):
    study = load_study("simulated", store)
    failed = next(t for t in study.get_trials() if t.state.name == "FAIL")
    evil = json.dumps("a | b <script>x</script> [x](javascript:x) `y`")
    changed = USER_ATTRS.update().where(
        USER_ATTRS.c.trial_id == failed._trial_id, USER_ATTRS.c.key == "error"
    )
    store.database.run(lambda each: each.execute(changed.values(value_json=evil)))
    storage = storage_of(store)
    text = show(load_study("simulated", storage)).trial_notes[failed._trial_id]
    assert r"a \| b \<script\>x\</script\> \[x\](javascript:x) \`y\`" in text
