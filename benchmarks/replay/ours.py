"""Searches as `tuner search` runs them, in memory: its start, its samplers, its pruning."""

from collections.abc import Mapping

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState
from replay.method import Proposal
from replay.world import Floats, World

from tuner.schema import Scalar
from tuner.study import attrs
from tuner.study.definition import StudyDefinition
from tuner.study.pruners import make_pruner, pruning_epochs
from tuner.study.samplers import make_sampler
from tuner.study.search_space import Branch, SearchSpace
from tuner.study.trial_queue import _waiting
from tuner.workers.pruning import PruningRule

_DRAWS = 10


def space_of(world: World) -> SearchSpace:
    """The space of a study of this table: variant, its rate, width."""
    branches = {name: Branch(found, {}) for name, found in world.ranges.items()}
    return SearchSpace(
        {"width": world.widths}, world.variants, {"none": Branch(None, {}), **branches}
    )


class TunerSearch:
    """A search of tuner with one of its samplers and pruners; the best trial is recommended."""

    def __init__(self, world: World, seed: int, sampler: str, pruner: str) -> None:
        self.world, self.space = world, space_of(world)
        self.definition = StudyDefinition.parse(
            {
                "metric": world.metric,
                "training": {"epochs": world.epochs},
                "search": {"sampler": sampler, "pruner": pruner, "seed": seed},
            },
            world.name,
        )
        self.study = optuna.create_study(direction=world.direction)
        self.study.pruner = make_pruner(self.definition)
        attrs.DEFINITION.set(self.study, self.definition.to_table())
        attrs.N_VALIDATION.set(self.study, world.n_validation)
        self._rule = PruningRule(world.epochs, pruning_epochs(self.definition))
        self._number = 0
        self._params: Mapping[str, Scalar] = {}
        self._trial: Trial | None = None

    def propose(self) -> Proposal:
        """As it was queued, or as the sampler says; what has been tried is drawn anew."""
        self.study.add_trial(_waiting(self.space, self._number, None))
        self.study.sampler = make_sampler(self.definition, self._number)
        trial = self.study.ask()
        self._params = self.space.suggest(trial)
        if not attrs.ROLE.is_in(trial.user_attrs) and self.definition.search.sampler == "tpe":
            trial = self._new(trial)
        attrs.PARAMS.set(trial, self._params)
        self._trial, self._number = trial, self._number + 1
        return Proposal(self.world.nearest(self._params))

    def learn(self, curve: Floats) -> int:
        """Report epoch by epoch, and give up where the study's pruning does."""
        trial = self._trial
        assert trial is not None
        warmup = self.world.warmup[str(self._params["variant"])]
        values, epoch = curve.tolist(), 0
        for epoch, value in enumerate(values, start=1):
            trial.report(value, epoch)
            if self._rule.gives_up(trial, epoch, warmup):
                break
        attrs.HISTORY.set(trial, {f"val_{self.world.metric}": values[:epoch]})
        if epoch < len(values):
            self.study.tell(trial, state=TrialState.PRUNED)
        else:
            self.study.tell(trial, values[-1])
        return epoch

    def recommend(self) -> int:
        """The point of the best trial."""
        return self.world.nearest(attrs.PARAMS.of(self.study.best_trial.user_attrs))

    def _new(self, trial: Trial) -> Trial:
        """The trial, or another where one of its params is there already: as `propose` of tuner."""
        others = [each for each in self.study.get_trials(deepcopy=False) if is_tried(each, trial)]
        tried = [each.params for each in others]
        if trial.params not in tried:
            return trial
        dry = optuna.create_study(
            direction=self.world.direction, sampler=make_sampler(self.definition, self._number)
        )
        dry.add_trials(
            [lost(each) if set(each.params) <= {"variant", "width"} else each for each in others]
        )
        for _ in range(_DRAWS):
            drawn = dry.ask()
            self.space.suggest(drawn)
            if drawn.params not in tried:
                self.study.tell(trial, state=TrialState.FAIL)
                self.study.enqueue_trial(drawn.params)
                trial = self.study.ask()
                self._params = self.space.suggest(trial)
                return trial
        return trial


def is_tried(other: FrozenTrial, trial: Trial) -> bool:
    """Whether another trial counts as one that has been tried."""
    return (
        other.number != trial.number
        and other.state.is_finished()
        and other.state != TrialState.FAIL
    )


def lost(trial: FrozenTrial) -> FrozenTrial:
    """Pruned before it reported: of all trials that the sampler has, the last."""
    return optuna.trial.create_trial(
        state=TrialState.PRUNED, params=trial.params, distributions=trial.distributions
    )
