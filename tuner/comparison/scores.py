"""The trials of a comparison: by candidate and seed, and as numbers to judge."""

import math
from collections.abc import Mapping

from tuner.comparison.candidates import NO_DROPOUT
from tuner.comparison.statistics.looks import Race
from tuner.comparison.statistics.scored import ScoredCandidate, Scores
from tuner.study import attrs
from tuner.study.attrs import CandidateRecord
from tuner.study.results import Results, TrialRow


def trials_of(scores: Results) -> dict[str, dict[int, TrialRow]]:
    """The complete trials of each candidate by seed, without those that diverged."""
    seeds = attrs.SEEDS.of(scores.attrs)
    found: dict[str, dict[int, TrialRow]] = {}
    for candidate in attrs.CANDIDATES.of(scores.attrs):
        own = {
            t.seed: t
            for t in scores.trials
            if t.value is not None and math.isfinite(t.value) and t.params == candidate["params"]
        }
        found[candidate["name"]] = {seed: own[seed] for seed in seeds if seed in own}
    return found


def scores_of(scores: Results, trials: Mapping[str, Mapping[int, TrialRow]]) -> Scores:
    """What the statistics of a verdict need to know; None where a seed is not finished."""
    seeds = attrs.SEEDS.of(scores.attrs)
    rows = {name: [by_seed.get(seed) for seed in seeds] for name, by_seed in trials.items()}
    candidates = tuple(
        ScoredCandidate(
            name=each["name"],
            variant=str(each["params"]["variant"]),
            params=each["params"],
            n_hyperparameters=each["n_knobs"],
            values=tuple(None if row is None else row.value for row in rows[each["name"]]),
            role="dropout" if _is_dropout(each) else "no dropout",
            twin=each.get("twin"),
        )
        for each in attrs.CANDIDATES.of(scores.attrs)
    )
    n_test, race = attrs.N_TEST.of(scores.attrs), attrs.RACE.of(scores.attrs)
    return Scores(
        candidates,
        scores.metric,
        scores.direction,  # type: ignore[arg-type]
        n_test,
        None if race is None else Race(*race),
    )


def _is_dropout(candidate: CandidateRecord) -> bool:
    return candidate.get("is_dropout", candidate["params"]["variant"] != NO_DROPOUT)
