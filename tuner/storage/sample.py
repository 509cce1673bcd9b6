"""Which trials of a long study a worker reads when it begins: enough to learn from."""

from collections.abc import Sequence

import sqlalchemy
from optuna.trial import TrialState
from sqlalchemy.engine import Connection

from tuner.storage.tables import TRIALS, VALUES

MOST = 2000
"""As many as the model of a study's values learns from."""


def sample(
    connection: Connection, study_id: int, ended: Sequence[int], *, maximize: bool
) -> set[int]:
    """Of the ids of trials that have ended at most 2000, at equal distances, and the best one.

    No more of the best: whoever learns from them would take their luck for a rule.
    """
    if len(ended) <= MOST:
        return set(ended)
    value = VALUES.c.value.desc() if maximize else VALUES.c.value
    best = (
        sqlalchemy.select(TRIALS.c.trial_id)
        .join(VALUES, (VALUES.c.trial_id == TRIALS.c.trial_id) & (VALUES.c.objective == 0))
        .where(TRIALS.c.study_id == study_id, TRIALS.c.state == TrialState.COMPLETE)
        .where(VALUES.c.value.is_not(None))
        .order_by(value, TRIALS.c.trial_id)
        .limit(1)
    )
    spread = {ended[i * len(ended) // MOST] for i in range(MOST)}
    return spread | set(connection.execute(best).scalars())
