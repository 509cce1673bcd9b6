"""Whether a trial is given up after a step: the one place that decides."""

from collections.abc import Container
from dataclasses import dataclass

import optuna

from tuner.study import attrs


@dataclass(frozen=True)
class PruningRule:
    """When trials of a study may be given up.

    A trial has so many `steps`, epochs or folds; the pruner is asked after those in `asked`. Never
    given up are trials with a role, those without dropout, which all others are measured against,
    and any before its variant has warmed up, or after its last step.
    """

    steps: int
    asked: Container[int]

    def gives_up(self, trial: optuna.Trial, step: int, warmup: float = 0.0) -> bool:
        """Whether a trial ends here; `warmup` is the share of the steps that it is left alone."""
        losing = step in self.asked and trial.should_prune()
        is_judged = warmup * self.steps <= step < self.steps
        stored = trial.user_attrs
        is_kept = attrs.ROLE.is_in(stored) or attrs.PARAMS.of(stored).get("variant") == "none"
        return losing and is_judged and not is_kept
