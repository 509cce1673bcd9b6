"""What is said of a study: kept or computed it is the same, and never older than the study."""

import subprocess
import sys

import _made_studies
import pytest
from _compared import STORE
from _pages import trials
from optuna.trial import TrialState, create_trial

from tuner.cli import told
from tuner.cli.main import run
from tuner.errors import StoreError
from tuner.storage import glance
from tuner.storage.connect import open_storage

COMMANDS = (["best"], ["best", "--json"], ["status"], ["status", "--json"])
HEAVY = "{'optuna', 'sqlalchemy', 'alembic', 'numpy', 'scipy', 'pydantic', 'joblib', 'pandas'}"


@pytest.fixture
def study(place, new_store):
    (place / "studies").mkdir()
    new_store(place / "studies" / "tuner.db")
    return _made_studies.study(*trials(16), store=open_storage(STORE))


def shown(capsys):
    """What each command prints."""
    capsys.readouterr()
    assert [run([*command, "mine"]) for command in COMMANDS] == [0] * len(COMMANDS)
    return capsys.readouterr().out


@pytest.mark.parametrize("is_compared", [False, True])
def test_what_is_kept_is_what_is_computed(study, is_compared, capsys, monkeypatch):
    if is_compared:
        _made_studies.compare(study, study._storage)
    with monkeypatch.context() as patched:
        patched.setattr(glance, "keep", lambda *_: None)
        computed = shown(capsys)
        assert told.kept("mine", STORE) is None
    assert told.tell("mine", STORE).document["best"]
    monkeypatch.setattr(told, "tell", None)  # nothing is computed any more
    assert shown(capsys) == computed


def test_what_is_kept_is_never_older_than_the_study(study):
    told.tell("mine", STORE)
    assert told.kept("mine", STORE).document["trials"]["complete"] == 12
    study.add_trial(_made_studies.trial(16))
    assert told.kept("mine", STORE) is None
    told.tell("mine", STORE)
    assert told.kept("mine", STORE).document["trials"]["complete"] == 13
    _made_studies.compare(study, study._storage)
    assert told.kept("mine", STORE) is None


def test_a_trial_that_ends_while_the_answer_is_computed_is_noticed(study, monkeypatch):
    made = told.told_of

    def meanwhile(*given):
        study.add_trial(_made_studies.trial(16))
        return made(*given)

    monkeypatch.setattr(told, "told_of", meanwhile)
    told.tell("mine", STORE)
    assert told.kept("mine", STORE) is None


def test_of_a_long_study_that_has_ended_it_is_kept_for_whoever_asks_first(study, monkeypatch):
    told.keep_of_many(["mine", "gone"], STORE)
    assert told.kept("mine", STORE) is None
    monkeypatch.setattr(told, "MANY", 5)
    waiting = create_trial(state=TrialState.WAITING)
    study.add_trial(waiting)
    told.keep_of_many(["mine"], STORE)
    assert told.kept("mine", STORE) is None
    study.tell(study.ask(), state=TrialState.FAIL)

    def away(*_):
        raise StoreError("no database answers")

    with monkeypatch.context() as patched:  # the trials are done all the same
        patched.setattr(told, "tell", away)
        told.keep_of_many(["mine"], STORE)
    assert told.kept("mine", STORE) is None
    told.keep_of_many(["mine"], STORE)
    assert told.kept("mine", STORE).document["best"]


def test_while_many_trials_run_the_answer_is_that_of_a_few_less(study, monkeypatch):
    study.enqueue_trial({})
    before = told.tell("mine", STORE)
    monkeypatch.setattr(told, "MANY", 16)
    monkeypatch.setattr(told, "GROWTH", 1.1)
    study.add_trial(_made_studies.trial(16))
    after = told.tell("mine", STORE)
    assert after.document["trials"]["complete"] == 13
    assert after.document["answer"] == before.document["answer"]
    assert after.lines == [list(line) for line in before.lines]
    assert "that of 16 finished trials" in after.below[-1]
    study.add_trial(_made_studies.trial(17))
    assert told.tell("mine", STORE).lines != before.lines


def test_status_says_no_answer_while_trials_wait(study, capsys):
    study.set_user_attr("budget", 17)
    study.enqueue_trial({})
    told.tell("mine", STORE)
    assert run(["status", "mine"]) == 0
    assert "Answer" not in capsys.readouterr().out
    assert run(["best", "mine"]) == 0
    assert "Answer" in capsys.readouterr().out


def test_best_and_status_of_what_is_kept_load_no_library(study):
    told.tell("mine", STORE)
    code = (
        "import sys; from tuner.cli.main import run;"
        "run(['best']); run(['best', '--json']); run(['status']);"
        f"print({HEAVY} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"
    assert "Answer: " in done.stdout
    assert "study mine, the latest of the store" in done.stderr
