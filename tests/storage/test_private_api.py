"""What tuner uses of Optuna that it keeps private is there, and does what it is used for.

Nothing of `tuner.storage` is imported here: what is gone is to be named, not to keep this file from
being read.
"""

import importlib
import inspect
import math

import optuna
import pytest
from _internals import noticed_by, verify
from optuna.storages import InMemoryStorage, RDBStorage
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

THIS = "tests/storage/test_private_api.py"
COLUMNS = {
    "StudyModel": {"study_id", "study_name"},
    "StudyUserAttributeModel": {"study_id", "key", "value_json"},
    "StudySystemAttributeModel": {"study_id", "key", "value_json"},
    "TrialModel": {
        *("trial_id", "number", "study_id", "state"),
        *("datetime_start", "datetime_complete"),
    },
    "TrialParamModel": {"trial_id", "param_name", "param_value", "distribution_json"},
    "TrialIntermediateValueModel": {
        *("trial_id", "step", "intermediate_value", "intermediate_value_type"),
    },
    "TrialValueModel": {"trial_id", "objective", "value", "value_type"},
    "TrialUserAttributeModel": {"trial_id", "key", "value_json"},
    "TrialSystemAttributeModel": {"trial_id", "key", "value_json"},
    "TrialHeartbeatModel": {"trial_id", "heartbeat"},
}


def models():
    return importlib.import_module("optuna.storages._rdb.models")


def cached():
    return importlib.import_module("optuna.storages._cached_storage")


def study():
    return optuna.create_study(storage=InMemoryStorage(), study_name="s")


def cache(url="sqlite:///:memory:"):
    """A cache of a study with a waiting trial."""
    made = cached()._CachedStorage(RDBStorage(url))
    made.create_new_study([optuna.study.StudyDirection.MINIMIZE], "s")
    made.create_new_trial(1, create_trial(state=TrialState.WAITING))
    return made


def has_the_tables():
    tables = models().BaseModel.metadata.tables
    known = all(
        set(getattr(models(), model).__table__.columns.keys()) >= columns
        for model, columns in COLUMNS.items()
    )
    return known and "version_info" in tables and models().SCHEMA_VERSION == 12


def stores_infinite_values():
    represent = models().TrialValueModel.value_to_stored_repr
    return represent(0.5)[0] == 0.5 and represent(math.inf)[0] != math.inf


def stores_what_is_no_number():
    represent = models().TrialIntermediateValueModel.intermediate_value_to_stored_repr
    return represent(0.5)[0] == 0.5 and represent(math.nan)[0] is None


def keeps_rungs():
    made = optuna.create_study(pruner=optuna.pruners.SuccessiveHalvingPruner(min_resource=1))
    trial = made.ask()
    trial.report(0.5, 1)
    trial.should_prune()
    return "completed_rung_0" in made.get_trials()[0].system_attrs


def takes_fixed_params():
    made = optuna.create_study()
    made.enqueue_trial({"width": 7})
    return made.get_trials()[0].system_attrs["fixed_params"] == {"width": 7}


def makes_a_study():
    given = list(inspect.signature(optuna.Study.__init__).parameters)[1:4]
    return given == ["study_name", "storage", "sampler"]


def makes_a_trial():
    made = study()
    made.add_trial(create_trial(state=TrialState.RUNNING))
    return Trial(made, made.get_trials()[0]._trial_id).number == 0


def trial_has_its_study():
    made = study()
    return made.ask().study is made


def trial_has_its_store():
    storage = InMemoryStorage()
    trial = optuna.create_study(storage=storage).ask()
    return trial.storage is storage


def studies_are_made_of_what_was_read():
    (found,) = study()._storage.get_all_studies()
    frozen = importlib.import_module("optuna.study._frozen").FrozenStudy
    given = list(inspect.signature(frozen.__init__).parameters)[1:]
    names = ["study_name", "direction", "user_attrs", "system_attrs", "study_id", "directions"]
    return isinstance(found, frozen) and given == names


def study_keeps_its_trials_until_the_next_tell():
    made = study()
    made._get_trials(use_cache=True)
    return made._thread_local.cached_all_trials == made.get_trials()


def trials_have_their_numbers():
    made = study()
    trial, storage = made.ask(), made.ask().storage
    number = storage.get_trial_id_from_study_id_trial_number
    frozen: FrozenTrial = made.get_trials()[0]
    return trial._trial_id == frozen._trial_id == number(storage.get_all_studies()[0]._study_id, 0)


def cache_has_studies():
    info = cache()._studies[1]
    return list(info.trials) == [0] and isinstance(info, cached()._StudyInfo)


def cache_takes_trials():
    made = cache()
    trial = made.get_all_trials(1)[0]
    made._studies[1].trials.clear()
    made._add_trials_to_cache(1, [trial])
    return made._studies[1].trials == {0: trial}


def reads_call_one_method():
    calls = []

    class Watched(cached()._CachedStorage):
        def _read_trials_from_remote_storage(self, study_id):
            calls.append(study_id)
            super()._read_trials_from_remote_storage(study_id)

    made = Watched(RDBStorage("sqlite:///:memory:"))
    made.create_new_study([optuna.study.StudyDirection.MINIMIZE], "s")
    made.get_all_trials(1)
    return calls == [1]


def reads_some_trials():
    storage = RDBStorage("sqlite:///:memory:")
    made = optuna.create_study(storage=storage)
    for _ in range(4):
        made.ask()
    return [trial.number for trial in storage._get_trials(1, None, {1}, 2)] == [0, 2, 3]


def manager():
    return importlib.import_module("optuna.storages._rdb.storage")._VersionManager


def looks_when_a_store_is_opened(method):
    """Whether opening a storage calls a method of the manager of versions."""
    calls, original = [], getattr(manager(), method)

    def watched(self):
        calls.append(1)
        return original(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(manager(), method, watched)
        RDBStorage("sqlite:///:memory:")
    return calls == [1]


CHECKS = {
    "_VersionManager": lambda: bool(manager()),
    "_init_alembic": lambda: looks_when_a_store_is_opened("_init_alembic"),
    "check_table_schema_compatibility": lambda: looks_when_a_store_is_opened(
        "check_table_schema_compatibility"
    ),
    "optuna.storages._rdb": lambda: bool(models()),
    "models": has_the_tables,
    "value_to_stored_repr": stores_infinite_values,
    "intermediate_value_to_stored_repr": stores_what_is_no_number,
    "completed_rung_": keeps_rungs,
    "fixed_params": takes_fixed_params,
    "optuna.Study": makes_a_study,
    "Trial": makes_a_trial,
    "trial.study": trial_has_its_study,
    "trial.storage": trial_has_its_store,
    "optuna.study._frozen": studies_are_made_of_what_was_read,
    "_study_id": lambda: study()._study_id == study()._storage.get_all_studies()[0]._study_id,
    "_thread_local": study_keeps_its_trials_until_the_next_tell,
    "_trial_id": trials_have_their_numbers,
    "optuna.storages._cached_storage": lambda: bool(cached()),
    "_CachedStorage": lambda: len(cache().get_all_trials(1)) == 1,
    "_StudyInfo": lambda: cached()._StudyInfo().trials == {},
    "_studies": cache_has_studies,
    "_lock": lambda: cache()._lock.acquire(blocking=False),
    "_trial_id_to_study_id_and_number": lambda: (
        cache()._trial_id_to_study_id_and_number[1] == (1, 0)
    ),
    "_add_trials_to_cache": cache_takes_trials,
    "_read_trials_from_remote_storage": reads_call_one_method,
    "_get_trials": reads_some_trials,
    "engine": lambda: RDBStorage("sqlite:///:memory:").engine.name == "sqlite",
}
USES = {(use.file, use.name): use for use in noticed_by(THIS)}


@pytest.mark.parametrize("use", USES.values(), ids=lambda use: use.name)
def test_what_is_used_is_there(use):
    verify(use, CHECKS[use.name])


def test_nothing_is_looked_for_that_is_not_used():
    assert {use.name for use in USES.values()} == set(CHECKS)


@pytest.mark.parametrize(
    ("owner", "name", "row"),
    [
        (models, "TrialModel", "models"),
        (lambda: models().TrialValueModel, "value_to_stored_repr", "value_to_stored_repr"),
        (cached, "_StudyInfo", "_StudyInfo"),
        (lambda: cached()._CachedStorage, "_add_trials_to_cache", "_add_trials_to_cache"),
        (lambda: RDBStorage, "_get_trials", "_get_trials"),
    ],
)
def test_what_is_gone_is_told_in_a_sentence(monkeypatch, owner, name, row):
    use = next(use for use in USES.values() if use.name == row)
    monkeypatch.delattr(owner(), name)
    with pytest.raises(AssertionError, match=r"is gone or has changed.*See docs/internals\.md"):
        verify(use, CHECKS[row])
