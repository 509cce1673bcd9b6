"""Compiled models, trained by the loop and by model.fit in the same order."""

from operator import itemgetter

import keras
import numpy as np

from tuner import importer
from tuner.data.dataset import Scaling, Split, TrainValidation
from tuner.data.spec import Spec
from tuner.data.structure import each, specs
from tuner.schema import VARIANTS
from tuner.training.backend import set_seed
from tuner.training.recipe import Recipe
from tuner.training.settings import TrainingSettings
from tuner.training.trainer import Trainer

L = keras.layers
N, N_JUDGED, SIZE, SEED = 96, 40, 32, 7


def features(n=N + N_JUDGED):
    return np.random.default_rng(0).normal(size=(n, 6)).astype("float32")


def of_parts(x, y, weight=None, task="own", n_outputs=2):
    """The first N rows to train on, the others to judge on, as they are."""

    def part(rows):
        given = [
            None if each_ is None else each(lambda a: a[rows], each_) for each_ in (x, y, weight)
        ]
        return Split(*given)

    none, one = np.zeros(1, "float32"), np.ones(1, "float32")
    first = each(lambda a: tuple(a.shape[1:]), x)
    spec = Spec(first, n_outputs, task, specs(x), specs(y))
    rows = slice(None, N), slice(N, None)
    return TrainValidation(*map(part, rows), spec, Scaling(none, one, none, one))


def trained(build, data, metric, epochs=3, variant="none", rate=0.0, trainer=None, **settings):
    """The trainer, and what came of a training."""
    given = TrainingSettings(epochs=epochs, batch_size=SIZE, **settings)
    trainer = trainer or Trainer(data, metric)
    recipe = Recipe(
        build,
        importer.load(VARIANTS[variant]),
        {"rate": rate, "length_scale": 1e-3, "entropy_weight": 1.0},
        given,
    )
    return trainer, trainer.run(recipe, SEED)


def fitted(build, data, epochs=3, **given):
    """The model, and the history of model.fit on the same rows in the same order."""
    set_seed(SEED)
    model, history = build(), []
    train, judged = data.train, data.validation
    for epoch in range(1, epochs + 1):
        order = np.random.default_rng((SEED, epoch)).permutation(train.n)
        of_order = itemgetter(order)
        x, y = each(of_order, train.x), each(of_order, train.y)
        weight = None if train.weight is None else train.weight[order]
        judge = (
            (judged.x, judged.y) if judged.weight is None else (judged.x, judged.y, judged.weight)
        )
        found = model.fit(
            x,
            y,
            SIZE,
            sample_weight=weight,
            validation_data=judge,
            shuffle=False,
            verbose=0,
            **given,
        )
        history.append({name: values[0] for name, values in found.history.items()})
    return model, history


def as_fit(history, metric):
    """The history of the loop under the names of model.fit."""
    names = ("loss", f"{metric}", "val_loss", f"val_{metric}")
    ours = ("train_loss", f"train_{metric}", "val_loss", f"val_{metric}")
    return [{name: row[own] for name, own in zip(names, ours, strict=True)} for row in history]
