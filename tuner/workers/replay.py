"""Run a trial again from its record: whether its value is the same, and the best one's model."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuner.comparison.companion import is_comparison, open_seal, parent, split_of
from tuner.data.dataset import Dataset
from tuner.data.loading import open_dataset, open_sealed
from tuner.errors import TunerError, UsageError
from tuner.storage.lease import this_worker
from tuner.storage.optuna_objects import WorkerStudy
from tuner.study import attrs
from tuner.study.reading import read
from tuner.study.results import Results, TrialRow
from tuner.study.studies import load_study, refuse_other_data, versions
from tuner.training.folds import together, train_folds
from tuner.training.recipe import Recipe, TrainingResult
from tuner.training.trainer import Trainer
from tuner.workers import best_model
from tuner.workers.recipe import Recipes, trainer_of
from tuner.workers.resolve import resolve


class _EnoughError(Exception):
    """As many epochs as the record has are done."""


@dataclass(frozen=True, repr=False)
class Replay:
    """A trial's value in its record and now, and what is different here."""

    trial: TrialRow
    metric: str
    recorded: float
    value: float
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the two are equal to the last digit."""
        return self.recorded == self.value

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """What came out, and why it may differ."""
        what = f"trial {self.trial.number}, {self.trial.n_epochs} epochs"
        if self.is_same:
            yield f"{what}: same value, {self.metric} {self.value:.6g}"
            return
        distance = self.value - self.recorded
        yield (
            f"{what}: {self.metric} {self.value:.6g}, {distance:+.3g} from the recorded"
            f" {self.recorded:.6g}"
        )
        yield "It may be due to: " + "; ".join(
            self.differences or ("another number of threads, or a layer that seeds do not reach",)
        )


def replay(study: WorkerStudy, number: int) -> Replay:
    """Train trial `number` of a study again, for as many epochs as it had.

    Raises UsageError where it has no record, or the data are others.
    """
    results = read(study)
    trial = next((row for row in results.trials if row.number == number), None)
    if trial is None:
        raise UsageError(f"study {study.study_name!r} has no trial {number}")
    recorded = trial.value if trial.value is not None else trial.last_value
    if recorded is None or trial.seed is None or not trial.n_epochs:
        raise UsageError(f"trial {number} has no value to compare with ({trial.state.lower()})")
    definition = results.definition
    is_compared = is_comparison(study)
    settings = definition.data_settings
    dataset = open_sealed(settings, split_of(study)) if is_compared else open_dataset(settings)
    trainer, recipes = _trainer(results, dataset)
    if is_compared:
        open_seal(
            load_study(parent(study.study_name), study.store),
            f"tuner replay {study.study_name} {number}",
        )
    is_whole = trial.value is not None
    reached = _steps(
        trainer, recipes.of(trial.params), trial.seed, trial.n_epochs, is_whole=is_whole
    )
    n_train = dataset.train_validation.n_train
    differences = _differences(trial, results, n_train)
    return Replay(trial, results.metric, recorded, reached[-1], tuple(differences))


def _steps(
    trainer: Trainer, recipe: Recipe, seed: int, n_epochs: int, *, is_whole: bool
) -> list[float]:
    """What a trial reports in its first epochs: the value of each, or after each fold the mean.

    Of a whole trial the last is its value: that of the weights that are kept.
    """
    reached: list[float] = []
    whole = recipe.settings.epochs

    def on_epoch(epoch: int, metrics: Mapping[str, float]) -> None:
        if trainer.n_folds == 1:
            reached.append(metrics[f"val_{trainer.metric}"])
        if epoch == n_epochs and epoch < whole and not is_whole:
            raise _EnoughError

    def after_fold(results: Sequence[TrainingResult]) -> None:
        if trainer.n_folds == 1:
            reached.pop()
        reached.append(together(results).value)
        if len(results) * whole >= n_epochs:
            raise _EnoughError

    with contextlib.suppress(_EnoughError):
        train_folds(trainer, recipe, seed, on_epoch, after_fold=after_fold)
    return reached


def ensure(results: Results, folder: Path) -> list[Path]:
    """The files of the best model, written now where they are of another trial.

    Raises TunerError where no trial is complete, the data are others, or the value differs.
    """
    best_model.record_of(results)
    if not best_model.files(results, folder):
        _train_best(results, folder)
    return best_model.files(results, folder)


def _train_best(results: Results, folder: Path) -> None:
    found = results.best
    if found is None or found.seed is None:
        raise TunerError("the best trial has no record to train it from")
    trainer, recipes = _trainer(results, open_dataset(results.definition.data_settings))
    value = train_folds(trainer, recipes.of(found.params), found.seed).value
    if value != found.value:
        raise TunerError(
            f"trial {found.number} trained again gives {value:.6g}, its record says"
            f" {found.value:.6g} (another machine, or other versions): best.keras is not written"
        )
    best_model.write(trainer.saver(), results, folder)


def _trainer(results: Results, dataset: Dataset) -> tuple[Trainer, Recipes]:
    """What trains the trials of a study; UsageError where the data are others."""
    refuse_other_data(results.attrs, results.definition.data, dataset.fingerprint)
    resolved = resolve(results.definition, dataset.train_validation)
    return trainer_of(resolved, resolved.data)


def _differences(trial: TrialRow, results: Results, n_train: int) -> Iterator[str]:
    """What is not as it was when the trial ran."""
    before, n_before = attrs.VERSIONS.of(results.attrs) or {}, attrs.N_TRAIN.of(results.attrs)
    if n_before not in (None, n_train):
        yield f"{n_before} training rows then, {n_train} now"
    for name, now in versions().items():
        was = before.get(name)
        if was != now:
            yield f"{name} {was} then, {now} now"
    here, there = this_worker().partition(":")[0], str(trial.worker).partition(":")[0]
    if here != there:
        yield f"another machine ({there})"
