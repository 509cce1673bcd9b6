"""Whether a trial is given up after an epoch: the one place that decides."""

from collections.abc import Container
from dataclasses import dataclass

import optuna

from tuner.study import attrs


@dataclass(frozen=True)
class PruningRule:
    """When trials of a study may be given up.

    The pruner is asked after the epochs `asked`. Baselines and candidates have a role and are
    never given up, nor is a trial before its variant has warmed up, or after its last epoch.
    """

    epochs: int
    asked: Container[int]

    def gives_up(self, trial: optuna.Trial, epoch: int, warmup: float) -> bool:
        """Whether a trial ends here; `warmup` is the share of the epochs that it is left alone."""
        losing = epoch in self.asked and trial.should_prune()
        is_judged = warmup * self.epochs <= epoch < self.epochs
        return losing and is_judged and not attrs.ROLE.is_in(trial.user_attrs)
