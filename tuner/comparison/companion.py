"""The companion study of a comparison: candidates x fresh seeds, as trials like any others."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import optuna
from optuna.storages import BaseStorage

from tuner.comparison.candidates import Candidate
from tuner.comparison.rounds import fill
from tuner.comparison.statistics.looks import FIRST_LOOK, Race
from tuner.comparison.statistics.race import plan
from tuner.data.dataset import TrainValidation
from tuner.errors import StoreError
from tuner.storage.connect import open_storage, patience
from tuner.storage.exclusive import exclusive
from tuner.storage.optuna_objects import WorkerStudy
from tuner.storage.worker_storage import WorkerStorage
from tuner.study import attrs
from tuner.study.attrs import Opening
from tuner.study.reading import read
from tuner.study.results import Results
from tuner.study.samplers import trial_seed
from tuner.study.studies import definition_of, load_study, make_study, versions
from tuner.study.trial_queue import count, requeue_dead

_SUFFIX = "/compare"
_REPEAT = 1
"""Seeds of comparisons are those of a repeat of the search's."""


class ComparisonStudy:
    """`<study>/compare`: the candidates with `n_seeds` fresh seeds at most, queued in rounds.

    What is there already is kept; candidates and seeds that are new are added. No more than `most`
    trials are queued, if that is given. Another `split` of the rows than the study's own, 0, is a
    study of its own, in which every candidate has every seed, but no more than a first look takes.
    """

    def __init__(
        self,
        url: str,
        results: Results,
        candidates: Sequence[Candidate],
        n_seeds: int,
        data: TrainValidation,
        split: int = 0,
        *,
        most: int | None = None,
    ) -> None:
        store = open_storage(url, wait=patience(), patience=patience())
        with exclusive(url):
            self.study = _open(store, results, split, data.n_train)
        _ask(self.study, results, candidates, n_seeds)
        attrs.MOST_TRIALS.set(self.study, most)
        attrs.N_TRAIN.set(self.study, data.n_train)
        attrs.N_TEST.set(self.study, data.n_telling)
        requeue_dead(self.study)
        self.before = count(self.study)
        self._budget = fill(self.study, again=True)

    @property
    def is_finished(self) -> bool:
        """Whether every training that was asked for has come to an end."""
        return self.before.finished >= self._budget

    def fill(self) -> int:
        """Queue what is missing, and give the number of trials that the study has then."""
        return fill(self.study)


def _ask(
    study: WorkerStudy, results: Results, candidates: Sequence[Candidate], n_seeds: int
) -> None:
    """Note who is to be compared, on which seeds, and in which rounds."""
    stored = study.user_attrs
    if split_of(study):
        n_seeds = min(n_seeds, FIRST_LOOK)
    n_seeds = max(n_seeds, len(attrs.SEEDS.of(stored)))
    if split_of(study) == 0:
        race = race_of(stored, n_seeds, sum(each.is_dropout for each in candidates))
        attrs.RACE.set(study, None if race is None else dataclasses.astuple(race))
    attrs.CANDIDATES.set(study, [candidate.document() for candidate in candidates])
    attrs.SEEDS.set(study, fresh_seeds(results, n_seeds))


def race_of(stored: Mapping[str, Any], n_seeds: int, n_dropouts: int) -> Race | None:
    """The race that a comparison with these attributes is, or becomes with so many seeds."""
    race = attrs.RACE.of(stored)
    if race is not None and (race[0] or n_dropouts < 2):
        return Race(*race)
    return plan(n_seeds, n_dropouts, len(attrs.SEEDS.of(stored)))


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
    return attrs.SPLIT.of(study.user_attrs)


def comparison_of(name: str, store: BaseStorage) -> Results | None:
    """The results of the comparison of study `name`; None where it has not been compared."""
    other = companion_name(name)
    known = any(study.study_name == other for study in store.get_all_studies())
    return read(load_study(other, store)) if known else None


def is_comparison(study: optuna.Study) -> bool:
    """Whether a study compares candidates."""
    return attrs.CANDIDATES.is_in(study.user_attrs)


def open_seal(study: optuna.Study, command: str) -> Sequence[Opening]:
    """Record that the test part of a study is opened; all openings so far."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    openings = [*attrs.OPENINGS.of(study.user_attrs), Opening(when=when, command=command)]
    attrs.OPENINGS.set(study, openings)
    return openings


def _open(store: WorkerStorage, results: Results, split: int, n_train: int) -> WorkerStudy:
    name = companion_name(results.definition.name, split)
    study, is_new = make_study(name, results.definition.better, store)
    if not is_new:
        if not _is_of(study, results, n_train):
            raise StoreError(
                f"study {name!r} compares an earlier {results.definition.name!r}: remove it with"
                f" 'tuner delete {name}'"
            )
        return study
    study.set_metric_names([results.metric])
    kept = {key.name for key in (attrs.DATA, attrs.FIXED_PARAMS, attrs.CLASSES, attrs.FEATURES)}
    attrs.set_all(study, {name: value for name, value in results.attrs.items() if name in kept})
    attrs.SPLIT.set(study, split)
    attrs.VERSIONS.set(study, versions())
    attrs.CANDIDATES.set(study, [])
    attrs.DEFINITION.set(study, results.definition.without_folds().to_table())
    return study


def _is_of(study: optuna.Study, results: Results, n_train: int) -> bool:
    """Whether its values can be compared: of the same data, and models that are trained alike."""
    was, now, stored = definition_of(study), results.definition, study.user_attrs
    training = was.training.model_copy(update=now.training.limits)
    is_alike = (was.model, training) == (now.model, now.training)
    is_alike &= attrs.N_TRAIN.of(stored) in (None, n_train)  # earlier ones left train_size out
    return is_alike and attrs.DATA.of(stored) == attrs.DATA.of(results.attrs)
