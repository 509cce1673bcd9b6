"""The companion study of a comparison: candidates x fresh seeds, as trials like any others."""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from tuner.comparison.candidates import Candidate
from tuner.data.dataset import TrainValidation
from tuner.errors import StoreError
from tuner.storage.connect import PATIENCE, exclusive, open_storage
from tuner.storage.enqueue import enqueue
from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.worker_storage import WorkerStorage
from tuner.study.definition import METRICS
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.studies import definition_of, load_study, trial_seed, versions
from tuner.study.trial_queue import Counts, count, requeue_dead

_SUFFIX = "/compare"
_REPEAT = 1
"""Seeds of comparisons are those of a repeat of the search's."""


class ComparisonStudy:
    """`<study>/compare`: every candidate with the same `n_seeds` fresh seeds, queued.

    What is there already is kept; candidates and seeds that are new are added. Another `split` of
    the rows than the study's own, 0, is a study of its own.
    """

    def __init__(
        self,
        url: str,
        results: Results,
        candidates: Sequence[Candidate],
        n_seeds: int,
        data: TrainValidation,
        split: int = 0,
    ) -> None:
        store = open_storage(url, patience=PATIENCE)
        with exclusive(url):
            self.study = _open(store, results, split)
        seeds = fresh_seeds(results, n_seeds)
        self.study.set_user_attr("finalists", [candidate.document() for candidate in candidates])
        self.study.set_user_attr("seeds", seeds)
        self.study.set_user_attr("n_train", len(data.train.x))
        self.study.set_user_attr("n_test", len(data.validation.x))
        requeue_dead(self.study)
        self.before = count(self.study)
        self._budget = fill(self.study, again=True)

    @property
    def is_finished(self) -> bool:
        """Whether every candidate has been trained with every seed."""
        return self.before.finished >= self._budget

    def fill(self) -> int:
        """Queue what is missing, and give the number of trials that the study has then."""
        return fill(self.study)


def fill(study: WorkerStudy, *, again: bool = False) -> int:
    """Queue the candidates and seeds that are missing; how many trials there are, but failed ones.

    A seed is queued for every candidate before the next one, so that what is there is in pairs.
    What has failed would fail again with the same seed, and is queued only where that is asked for.
    """
    attrs = study.user_attrs
    candidates, seeds = attrs["finalists"], attrs["seeds"]
    wanted = {
        point(candidate["params"], seed): (candidate, seed)
        for seed in seeds
        for candidate in candidates
    }
    budget = 0

    def plan(
        states: Mapping[TrialState, int], queued: Mapping[str, TrialState]
    ) -> list[FrozenTrial]:
        nonlocal budget
        open_states = (None, TrialState.FAIL) if again else (None,)
        missing = [name for name in wanted if queued.get(name) in open_states]
        counts = Counts.of(states)
        budget = counts.finished + counts.waiting + counts.running + len(missing)
        return [_waiting(name, *wanted[name]) for name in missing]

    enqueue(study.store.database, study.id, plan)
    study.store.forget()
    if attrs.get("budget") != budget:
        study.set_user_attr("budget", budget)
    return budget


def point(params: Mapping[str, Any], seed: int) -> str:
    """What stands for a candidate and a seed in the store."""
    text = json.dumps([dict(params), seed], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def fresh_seeds(results: Results, n: int) -> list[int]:
    """The first `n` seeds that no trial of the search had."""
    used = {trial.seed for trial in results.trials}
    own = results.definition.search.seed
    numbered = (trial_seed(own, number, _REPEAT) for number in itertools.count())
    return list(itertools.islice((seed for seed in numbered if seed not in used), n))


def companion_name(name: str, split: int = 0) -> str:
    """The study that compares the candidates of study `name` on a split of its rows."""
    return f"{name}{_SUFFIX}" if split == 0 else f"{name}{_SUFFIX}-{split + 1}"


def parent(name: str) -> str:
    """The study whose candidates study `name` compares."""
    return name.rpartition(_SUFFIX)[0]


def split_of(study: optuna.Study) -> int:
    """Which split of the rows a comparison is on."""
    return int(study.user_attrs.get("split", 0))


def comparison_of(name: str, store: BaseStorage) -> Results | None:
    """The results of the comparison of study `name`; None where it has not been compared."""
    other = companion_name(name)
    known = any(study.study_name == other for study in store.get_all_studies())
    return read(load_study(other, store)) if known else None


def is_comparison(study: optuna.Study) -> bool:
    """Whether a study compares candidates."""
    return "finalists" in study.user_attrs


def open_seal(study: optuna.Study, command: str) -> list[dict[str, str]]:
    """Record that the test part of a study is opened; all openings so far."""
    openings = [*study.user_attrs.get("openings", ())]
    openings.append({"when": datetime.now(UTC).isoformat(timespec="seconds"), "command": command})
    study.set_user_attr("openings", openings)
    return openings


def _open(store: WorkerStorage, results: Results, split: int) -> WorkerStudy:
    name = companion_name(results.definition.name, split)
    if any(study.study_name == name for study in store.get_all_studies()):
        study = load_study(name, store)
        if not _is_of(study, results):
            raise StoreError(
                f"study {name!r} compares an earlier {results.definition.name!r}: remove it with"
                f" 'tuner delete {name}'"
            )
        return study
    metric = results.metric
    optuna.create_study(study_name=name, storage=store, direction=METRICS[metric].direction)
    study = load_study(name, store)
    study.set_metric_names([metric])
    kept = ("data", "fixed", "classes", "features")
    attrs = {name: results.attrs[name] for name in kept if name in results.attrs}
    attrs |= {"split": split, "versions": versions(), "finalists": []}
    for name, value in attrs.items():
        study.set_user_attr(name, value)
    study.set_user_attr("definition", results.definition.to_table())
    return study


def _is_of(study: optuna.Study, results: Results) -> bool:
    """Whether its values can be compared: of the same data, and models that are trained alike."""
    was, now = definition_of(study), results.definition
    is_alike = (was.model, was.training) == (now.model, now.training)
    return is_alike and study.user_attrs.get("data") == results.attrs.get("data")


def _waiting(name: str, candidate: Mapping[str, Any], seed: int) -> FrozenTrial:
    attrs = {
        "role": "finalist",
        "point": name,
        "finalist": candidate["name"],
        "params": candidate["params"],
        "seed": seed,
    }
    return create_trial(state=TrialState.WAITING, user_attrs=attrs)
