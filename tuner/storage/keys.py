"""The attributes of a trial that the store itself writes or reads."""

ATTEMPTS = "attempts"
ERROR = "error"
GIVEN = "fixed"
POINT = "point"
WORKER = "worker"

LEASE = "tuner:lease"
"""A system attribute, as the others are not."""

TOLD = "tuner:told"
"""A system attribute of a study, as the next: what is said of it while it rests."""

WRITTEN = "tuner:written"
"""The files of a finished search, and what it was asked for."""
