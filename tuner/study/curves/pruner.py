"""Whether a trial is losing, compared with what trials like it gained after as many epochs."""

from collections.abc import Mapping

import numpy as np
import optuna
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState

from tuner.study import attrs
from tuner.study.curves.points import Encoder, Floats
from tuner.study.curves.pruned import Extrapolation, Learning, features
from tuner.study.curves.tried import spread

_MOST = 800
_RIVAL = 3
_SURE = 1.3


class CurvesPruner(optuna.pruners.BasePruner):
    """Prunes a trial whose last value would hardly be as good as the third best there is.

    What it would have is extrapolated from its value so far by its warped rate and shared axes, as
    networks with high rates, and wide ones, learn slowly. The third best, as the best was lucky. Of
    many trials 800 tell how they learn.
    """

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        """Whether the trial is losing; never while fewer than five trials are complete."""
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        known = [each for each in complete if attrs.PARAMS.is_in(each.user_attrs)]
        if len(known) < _RIVAL or not attrs.PARAMS.is_in(trial.user_attrs):
            return False
        sign = 1.0 if study.direction == StudyDirection.MAXIMIZE else -1.0
        rows = [*spread(known, _MOST), trial]
        params = [attrs.PARAMS.of(each.user_attrs) for each in rows]
        encoder = Encoder.of(params, {})
        learned = [
            Learning(each, sign * _reported(row.intermediate_values), row is not trial)
            for each, row in zip(features(encoder.points(params)), rows, strict=True)
        ]
        said = Extrapolation(learned[:-1]).of(learned[-1])
        if said is None:
            return False
        mean, variance = said
        ends = (
            row.intermediate_values[row.last_step] for row in known if row.last_step is not None
        )
        rival = np.sort([sign * each for each in ends])[-_RIVAL]
        return bool(mean + _SURE * np.sqrt(variance) < rival)


def _reported(values: Mapping[int, float]) -> Floats:
    return np.array([value for _, value in sorted(values.items())])
