"""The pruners: each can be made, and decides only where it is asked."""

import optuna
import pytest
from _spaces import DEFINITION

from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.pruners import PRUNERS, make_pruner, pruning_steps
from tuner.study.studies import open_study


@pytest.fixture
def storage(tmp_path, new_store):
    return open_storage(new_store(tmp_path / "store.db"))


@pytest.fixture
def study(storage):
    return open_study(DEFINITION, "abc", storage)


def changed(**table):
    base = {"name": "mine", "metric": "accuracy"}
    return StudyDefinition.parse(base | table, "test")


@pytest.mark.parametrize("epochs", [1, 20])
@pytest.mark.parametrize("name", PRUNERS)
def test_pruner_can_be_made_and_judges(name, epochs, study):
    study.pruner = make_pruner(changed(search={"pruner": name}, training={"epochs": epochs}))
    trial = study.ask()
    trial.report(0.5, 1)
    assert trial.should_prune() in (False, True)


@pytest.mark.parametrize("epochs", [1, 3, 4, 10, 20, 37])
@pytest.mark.parametrize("pruner", ["successive_halving", "median"])
def test_pruners_decide_only_where_they_are_asked(pruner, epochs):
    table = {"training": {"epochs": epochs}, "search": {"pruner": pruner}}
    definition = StudyDefinition.parse(table, "test")
    asked = pruning_steps(definition)

    def verdicts(epochs_asked):
        study = optuna.create_study(pruner=make_pruner(definition), direction="maximize")
        found = []
        for number in range(12):
            trial = study.ask()
            for epoch in range(1, epochs + 1):
                trial.report(((number * 7) % 12) / 12 + epoch / 100, epoch)
                if epoch in epochs_asked and trial.should_prune():
                    found.append((number, epoch))
                    break
            study.tell(trial, 0.0)
        return found

    everywhere = verdicts(range(1, epochs + 1))
    assert everywhere
    assert verdicts(asked) == everywhere
