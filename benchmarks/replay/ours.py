"""Searches as `tuner search` runs them, in memory: its start, its samplers, its pruning."""

from collections.abc import Mapping

import optuna
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial
from replay.method import Proposal
from replay.world import Floats, World

from tuner.schema import Scalar
from tuner.study import attrs
from tuner.study.curves.fitting import fit
from tuner.study.definition import StudyDefinition
from tuner.study.proposal import propose
from tuner.study.pruners import make_pruner, pruning_steps
from tuner.study.reading import read
from tuner.study.samplers import make_sampler
from tuner.study.search_space import Branch, SearchSpace
from tuner.study.start import start
from tuner.workers.pruning import PruningRule

_DRAWS = 10


def space_of(world: World) -> SearchSpace:
    """The space of a study of this table: variant, its rate, width."""
    branches = {name: Branch(found, {}) for name, found in world.ranges.items()}
    none = {"none": Branch(None, {})}
    return SearchSpace({"width": world.widths}, world.variants, none | branches)


class TunerSearch:
    """A search of tuner with one of its samplers and pruners.

    `curves` recommends what its model expects most of, the others their best trial.
    """

    def __init__(self, world: World, seed: int, sampler: str, pruner: str) -> None:
        self.world, self.space = world, space_of(world)
        search = {"sampler": sampler, "pruner": pruner, "seed": seed}
        table = {"metric": world.metric, "training": {"epochs": world.epochs}, "search": search}
        self.definition = StudyDefinition.parse(table, world.name)
        self.study = optuna.create_study(direction=world.direction)
        self.study.pruner = make_pruner(self.definition)
        attrs.DEFINITION.set(self.study, self.definition.to_table())
        attrs.N_VALIDATION.set(self.study, world.n_validation)
        self._rule = PruningRule(self.definition.n_steps, pruning_steps(self.definition))
        self._start = start(self.space)
        self._number = 0
        self._trial: Trial | None = None
        self._params: Mapping[str, Scalar] = {}

    def propose(self) -> Proposal:
        """What the search begins with, all with one seed, then what its sampler says."""
        number, self._number = self._number, self._number + 1
        self.study.sampler = make_sampler(self.definition, number)
        if number < len(self._start):
            given = self._start[number]
            stored = attrs.ROLE.to(given.role) | attrs.BASELINE_PARAMS.to(given.named)
            self.study.enqueue_trial(self.space.contains(given.named), user_attrs=stored)
        trial = self.study.ask()
        self._params = propose(trial, self.space, self.definition)
        if number >= len(self._start) and self.definition.search.sampler == "tpe":
            trial = self._new(trial)
        attrs.PARAMS.set(trial, self._params)
        self._trial = trial
        return Proposal(self.world.nearest(self._params), 0 if number < len(self._start) else None)

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
        """The point that the user is told to take."""
        if self.definition.search.sampler == "curves":
            found = fit(read(self.study))
            if found is not None:
                return self.world.nearest(found.recommended)
        return self.world.nearest(attrs.PARAMS.of(self.study.best_trial.user_attrs))

    def _new(self, trial: Trial) -> Trial:
        """The trial, or another where one with its params is there: as `propose` does in a store.

        There the params are taken back; here the trial fails, which samplers do not count.
        """
        others = [each for each in self.study.get_trials(deepcopy=False) if _is_tried(each, trial)]
        tried = [each.params for each in others]
        if trial.params not in tried:
            return trial
        dry = optuna.create_study(direction=self.world.direction, sampler=self.study.sampler)
        dry.add_trials(
            [each if set(each.params) - {"variant", "width"} else _lost(each) for each in others]
        )
        for _ in range(_DRAWS):
            drawn = dry.ask()
            self.space.suggest(drawn)
            if drawn.params not in tried:
                self.study.tell(trial, state=TrialState.FAIL)
                self.study.enqueue_trial(drawn.params)
                new = self.study.ask()
                self._params = self.space.suggest(new)
                return new
        return trial


def _is_tried(other: FrozenTrial, trial: Trial) -> bool:
    """Whether another trial has params that count."""
    is_over = other.state in (TrialState.COMPLETE, TrialState.PRUNED)
    return is_over and other.number != trial.number


def _is_continuous(trial: FrozenTrial) -> bool:
    return bool(set(trial.params) - {"variant", "width"})


def _lost(trial: FrozenTrial) -> FrozenTrial:
    """Pruned before it reported: of all trials that the sampler has, the last."""
    params, found = trial.params, trial.distributions
    return create_trial(state=TrialState.PRUNED, params=params, distributions=found)
