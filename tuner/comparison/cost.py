"""What a comparison would cost: trainings at least and at most, and seconds."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from optuna.storages import BaseStorage

from tuner.comparison.candidates import NO_DROPOUT, Candidate
from tuner.comparison.companion import comparison_of, race_of
from tuner.comparison.statistics.race import least, most
from tuner.comparison.statistics.scored import ScoredCandidate, Scores
from tuner.schema import Params
from tuner.study import attrs
from tuner.study.formatting import duration
from tuner.study.results import Results, TrialRow


@dataclass(frozen=True)
class Cost:
    """Trainings of a comparison on one split of the rows; so many of them `finished` already.

    `seconds_each` is the mean of the complete trials of the search; None where none is known.
    """

    n_dropouts: int
    n_nones: int
    at_least: int
    at_most: int
    finished: int
    seconds_each: float | None

    def rows(self, n_jobs: int) -> list[tuple[str, str]]:
        """What would run, a line each."""
        return [
            ("candidates", f"{self.n_dropouts} with dropout, {self.n_nones} networks without"),
            ("trainings", f"{self.at_least} to {self.at_most}, {self.finished} of them finished"),
            ("each", f"{duration(self.seconds_each)} (mean of the search)"),
            ("at least", self._time(self.at_least, n_jobs)),
            ("at most", f"{self._time(self.at_most, n_jobs)}, with {n_jobs} at a time"),
        ]

    def _time(self, n_trainings: int, n_jobs: int) -> str:
        left = max(0, n_trainings - self.finished)
        return duration(None if self.seconds_each is None else self.seconds_each * left / n_jobs)


def cost_of(
    results: Results,
    candidates: Sequence[Candidate],
    n_seeds: int,
    store: BaseStorage,
    budget: int | None = None,
) -> Cost:
    """What comparing `candidates` on `n_seeds` seeds at most would cost; trains nothing."""
    before = comparison_of(results.definition.name, store)
    stored = {} if before is None else before.attrs
    n_seeds = max(n_seeds, len(attrs.SEEDS.of(stored)))
    scored = tuple(_scored(each, n_seeds) for each in candidates)
    race = race_of(stored, n_seeds, sum(each.is_dropout for each in candidates))
    scores = Scores(scored, results.metric, results.direction, 1, race)  # type: ignore[arg-type]
    seconds = [t.seconds for t in results.trials if t.state == "COMPLETE" and t.seconds is not None]
    n_folds = results.definition.search.folds  # a comparison trains once
    most_allowed = most(scores) if budget is None else budget
    return Cost(
        n_dropouts=len(scores.dropouts),
        n_nones=len(scores.nones),
        at_least=min(least(scores), most_allowed),
        at_most=min(most(scores), most_allowed),
        finished=0 if before is None else before.counts.finished,
        seconds_each=statistics.fmean(seconds) / n_folds if seconds else None,
    )


@dataclass(frozen=True)
class EpochRatio:
    """How many `times` as long as without dropout an epoch takes, of so many trainings."""

    times: float
    n_with: int
    n_without: int

    def __str__(self) -> str:
        trainings = f"{self.n_with} and {self.n_without} trainings"
        return f"{self.times:.1f} times one without (medians of {trainings})"


def epoch_ratio(trials: Iterable[TrialRow], params: Params) -> EpochRatio | None:
    """That of a variant at the width of the network; None where no network was trained without."""
    alike = [row for row in trials if row.params.get("width") == params.get("width")]
    own = _seconds([row for row in alike if row.variant == params["variant"]])
    none = _seconds([row for row in alike if row.variant == NO_DROPOUT])
    if not own or not none:
        return None
    return EpochRatio(statistics.median(own) / statistics.median(none), len(own), len(none))


def _seconds(trials: Iterable[TrialRow]) -> list[float]:
    """Those of an epoch of each."""
    return [row.seconds / row.n_epochs for row in trials if row.seconds and row.n_epochs]


def _scored(candidate: Candidate, n_seeds: int) -> ScoredCandidate:
    return ScoredCandidate(
        candidate.name,
        str(candidate.params["variant"]),
        candidate.params,
        candidate.n_hyperparameters,
        (None,) * n_seeds,
        "dropout" if candidate.is_dropout else "no dropout",
        candidate.twin,
    )
