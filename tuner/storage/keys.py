"""The attributes of a trial that the store itself writes or reads."""

ATTEMPTS = "attempts"
ERROR = "error"
GIVEN = "fixed"
HISTORY = "history"
POINT = "point"
PARAMS = "params"
SECONDS = "seconds"
WORKER = "worker"

MET = "met"
"""What the last attempt came to nothing by, where it lay in the trial."""

IDLE = "tuner:idle"
"""A system attribute: how long the trial had no epoch at its last sign of life."""

LEASE = "tuner:lease"
"""A system attribute, as the others are not."""

TOLD = "tuner:told"
"""A system attribute of a study, as the next: what is said of it while it rests."""

WRITTEN = "tuner:written"
"""The files of a finished search, and what it was asked for."""
