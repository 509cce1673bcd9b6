"""The attributes of a trial that the store itself writes or reads."""

ATTEMPTS = "attempts"
ERROR = "error"
POINT = "point"
WORKER = "worker"

LEASE = "tuner:lease"
"""A system attribute, as the others are not."""

FIXED_PARAMS = "fixed_params"
"""Optuna's system attribute with the params that a queued trial is to have."""
