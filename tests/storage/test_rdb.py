"""Which calls of Optuna's storage outlive a restart of the server."""

from itertools import chain

import pytest
from optuna.storages import RDBStorage

from tuner.storage import calls as known

UNGUARDED = {
    "_build_frozen_trial_from_trial_model": "reads rows that were fetched",
    "_create_unique_study_name": "within create_new_study",
    "_fill_storage_url_template": "no call of the database",
    "_get_prepared_new_trial": "within _create_new_trial",
    "_set_default_engine_kwargs_for_mysql": "no call of the database",
    "_set_trial_attr_without_commit": "within the calls that set attributes",
    "_set_trial_intermediate_value_without_commit": "within set_trial_intermediate_value",
    "_set_trial_param_without_commit": "within _set_trial_param",
    "_set_trial_value_without_commit": "within set_trial_state_values",
    "check_trial_is_updatable": "no call of the database",
    "create_new_study": "guarded by a method of Database itself",
    "create_new_trial": "calls _create_new_trial",
    "get_all_trials": "calls _get_trials",
    "get_all_versions": "reads Optuna's own files",
    "get_best_trial": "calls _get_best_trial_id and get_trial",
    "get_current_version": "for tuner doctor, which reports what is raised",
    "get_failed_trial_callback": "no call of the database",
    "get_head_version": "reads Optuna's own files",
    "get_heartbeat_interval": "no call of the database",
    "get_heartbeat_stale_trial_callback": "no call of the database",
    "get_n_trials": "calls get_all_trials",
    "get_trial_number_from_id": "calls get_trial",
    "get_trial_params": "calls get_trial",
    "remove_session": "no call of the database",
    "set_trial_param": "calls _set_trial_param",
    "upgrade": "for tuner store upgrade, on a storage of its own",
}
"""Calls that need no guard, each with the reason."""

GUARDED = {*known.READS, *known.WRITES}
ADVICE = "see 'The store' in docs/internals.md"


def calls(storage):
    """Every call of a storage, its own and those that it inherits."""
    names = chain.from_iterable(vars(each) for each in storage.__mro__ if each is not object)
    own = {name for name in names if not name.startswith("__") and name != "_abc_impl"}
    return {name for name in own if callable(getattr(storage, name))}


def unclassified(storage):
    return [
        f"Optuna's {name} is neither in READS nor in WRITES of tuner/storage/calls.py: it would"
        f" not outlive a restart of the server, nor fail in one line; {ADVICE}"
        for name in sorted(calls(storage) - GUARDED - set(UNGUARDED))
    ]


def test_every_call_of_optunas_storage_is_guarded_or_needs_none():
    assert unclassified(RDBStorage) == []


def test_a_call_that_optuna_adds_is_noticed():
    class Later(RDBStorage):
        def get_trial_notes(self):
            """What a later release may read."""

    (sentence,) = unclassified(Later)
    assert sentence.startswith("Optuna's get_trial_notes is neither in READS nor in WRITES")


@pytest.mark.parametrize("name", sorted({*GUARDED, *UNGUARDED}))
def test_what_is_classified_is_there(name):
    assert name in calls(RDBStorage), f"Optuna has no RDBStorage.{name} any more; {ADVICE}"


def test_no_call_is_classified_twice():
    assert GUARDED.isdisjoint(UNGUARDED)
    assert set(known.READS).isdisjoint(known.WRITES)
