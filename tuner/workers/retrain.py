"""Train the best model again from its record, where its file is missing or of another trial."""

from pathlib import Path

from tuner.data.loading import open_dataset
from tuner.errors import TunerError, UsageError
from tuner.study import attrs
from tuner.study.results import Results
from tuner.workers import best_model
from tuner.workers.recipe import trainer_of
from tuner.workers.resolve import resolve


def ensure(results: Results, folder: Path) -> list[Path]:
    """The files of the best model, written now where they are of another trial.

    Raises TunerError where no trial is complete, the data are others, or the value differs.
    """
    best_model.record_of(results)
    if not best_model.files(results, folder):
        _train_again(results, folder)
    return best_model.files(results, folder)


def _train_again(results: Results, folder: Path) -> None:
    found = results.best
    if found is None or found.seed is None:
        raise TunerError("the best trial has no record to train it from")
    dataset = open_dataset(results.definition.data_settings)
    if dataset.fingerprint != attrs.DATA.of(results.attrs):
        raise UsageError(f"{results.definition.data}: the data changed since the study was made")
    resolved = resolve(results.definition, dataset.train_validation)
    trainer, recipes = trainer_of(resolved, dataset.train_validation)
    value = trainer.run(recipes.of(found.params), found.seed).value
    if value != found.value:
        raise TunerError(
            f"trial {found.number} trained again gives {value:.6g}, its record says"
            f" {found.value:.6g} (another machine, or other versions): best.keras is not written"
        )
    best_model.write(trainer.saver(), results, folder)
