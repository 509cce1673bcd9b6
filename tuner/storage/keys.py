"""The attributes of a trial that the store itself writes or reads."""

ATTEMPTS = "attempts"
ERROR = "error"
POINT = "point"
WORKER = "worker"

LEASE = "tuner:lease"
"""A system attribute, as the others are not."""
