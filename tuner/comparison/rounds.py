"""The rounds of a comparison in the store: what is asked for by now, queued as trials."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState, create_trial

from tuner.comparison.scores import scores_of, trials_of
from tuner.comparison.statistics.race import wanted
from tuner.storage.enqueue import Queued, enqueue
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study import attrs
from tuner.study.attrs import CandidateRecord
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.trial_queue import Counts


def fill(study: WorkerStudy, *, again: bool = False) -> int:
    """Queue what is missing of the rounds up to now; how many trials there are, but failed ones.

    Who goes on follows from what the store holds: whoever asks, asks for the same. What has failed
    would fail again with the same seed, and is queued only where that is asked for.
    """
    results = read(study)
    asked = _asked(results, again=again)
    most = attrs.MOST_TRIALS.of(results.attrs)
    open_states = (None, TrialState.FAIL) if again else (None,)
    budget = 0

    def queue(states: Mapping[TrialState, int], queued: Sequence[Queued]) -> list[FrozenTrial]:
        nonlocal budget
        last = {each.point: each.state for each in queued}
        counts = Counts.of(states)
        n_there = counts.finished + counts.waiting + counts.running
        missing = [name for name in asked if last.get(name) in open_states]
        if most is not None:
            missing = missing[: max(0, most - n_there)]
        budget = n_there + len(missing)
        return [_waiting(name, *asked[name]) for name in missing]

    enqueue(study.store.database, study.id, queue)
    study.store.forget()
    if attrs.BUDGET.of(results.attrs) != budget:
        attrs.BUDGET.set(study, budget)
    return budget


def point(params: Mapping[str, Any], seed: int) -> str:
    """What stands for a candidate and a seed in the store."""
    text = json.dumps([dict(params), seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _asked(results: Results, *, again: bool) -> dict[str, tuple[CandidateRecord, int]]:
    """Candidates and seeds of the rounds up to now, by what stands for them.

    Values and states are of one moment: later ones could end a round whose values are not known.
    """
    seeds = attrs.SEEDS.of(results.attrs)
    records = {each["name"]: each for each in attrs.CANDIDATES.of(results.attrs)}
    ended = ("COMPLETE", "PRUNED") if again else ("COMPLETE", "PRUNED", "FAIL")
    states = {point(row.params, row.seed or 0): row.state for row in results.trials}

    def named(name: str, place: int) -> str:
        return point(records[name]["params"], seeds[place])

    def is_settled(name: str, place: int) -> bool:
        return states.get(named(name, place)) in ended

    if not records:
        return {}
    found = wanted(scores_of(results, trials_of(results)), is_settled)
    return {named(name, place): (records[name], seeds[place]) for name, place in found}


def _waiting(name: str, candidate: CandidateRecord, seed: int) -> FrozenTrial:
    given = {
        **attrs.ROLE.to(attrs.CANDIDATE),
        **attrs.SCORE.to(name),
        **attrs.CANDIDATE_NAME.to(candidate["name"]),
        **attrs.PARAMS.to(candidate["params"]),
        **attrs.SEED.to(seed),
    }
    return create_trial(state=TrialState.WAITING, user_attrs=given)
