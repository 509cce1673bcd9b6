"""The calls of Optuna's storage that ask a database: those that read, and those that write."""

READS = (
    "get_study_id_from_name",
    "get_study_name_from_id",
    "get_study_directions",
    "get_study_user_attrs",
    "get_study_system_attrs",
    "get_all_studies",
    "get_trial",
    "get_trial_param",
    "get_trial_user_attrs",
    "get_trial_system_attrs",
    "get_trial_id_from_study_id_trial_number",
    "_get_trials",
    "_get_best_trial_id",
    "_get_stale_trial_ids",
)
WRITES = (
    "delete_study",
    "set_study_user_attr",
    "set_study_system_attr",
    "_create_new_trial",
    "_set_trial_param",
    "set_trial_state_values",
    "set_trial_intermediate_value",
    "set_trial_user_attr",
    "set_trial_system_attr",
    "record_heartbeat",
)
