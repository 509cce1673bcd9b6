"""A training on every fold of the data, and what they come to together."""

from collections.abc import Callable, Sequence
from statistics import fmean

import numpy as np

from tuner.training.recipe import Recipe, TrainingResult
from tuner.training.trainer import Begin, OnEpoch, Trainer

AfterFold = Callable[[Sequence[TrainingResult]], None]


def train_folds(
    trainer: Trainer,
    recipe: Recipe,
    seed: int,
    on_epoch: OnEpoch = lambda epoch, metrics: None,
    begin: Begin = lambda: None,
    after_fold: AfterFold = lambda results: None,
    done: Sequence[TrainingResult] = (),
) -> TrainingResult:
    """Train on each fold in turn, those that are `done` left out, and give the means.

    `on_epoch` and `begin` are as for `Trainer.run`, in every fold; `after_fold` follows each with
    the results so far, and may raise to stop.
    """
    results = list(done)
    for fold in range(len(results), trainer.n_folds):
        results.append(trainer.run(recipe, fold_seed(seed, fold), on_epoch, begin, fold=fold))
        after_fold(results)
    return results[0] if trainer.n_folds == 1 else together(results)


def fold_seed(seed: int, fold: int) -> int:
    """32 bits: the seed of a training on a fold, which on the first one is that of the trial."""
    if fold == 0:
        return seed
    return int(np.random.SeedSequence((seed, fold)).generate_state(1)[0])


def together(results: Sequence[TrainingResult]) -> TrainingResult:
    """The means over folds; `measured` has those of each too: `fold_0`, `train_fold_0`, ..."""
    first = results[0]
    epochs = zip(*(result.history for result in results), strict=False)  # callbacks end some early
    measured = {name: fmean(each.measured[name] for each in results) for name in first.measured}
    for fold, result in enumerate(results):
        measured |= {f"fold_{fold}": result.value, f"train_fold_{fold}": result.train_value}
    return TrainingResult(
        history=[{name: fmean(row[name] for row in rows) for name in rows[0]} for rows in epochs],
        value=fmean(result.value for result in results),
        train_value=fmean(result.train_value for result in results),
        n_weights=first.n_weights,
        measured=measured,
    )
