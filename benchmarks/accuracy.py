"""Validation accuracies of our engine and of model.fit: 12 configurations, 10 seeds, in pairs.

Both start from the same weights (the seed of the pair) and see the same rows; batch order and masks
are each one's own, so a pair differs by chance, and the mean difference must not differ from 0.
"""

import itertools
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import click
from speed import performance
from speed.data import prepare
from speed.grid import BATCH, RATES, WIDTHS
from speed.task import Task

sys.path.insert(0, str(Path(__file__).resolve().parent / "speed"))
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


@click.command()
@click.option("--seeds", type=click.IntRange(2), default=10, show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=20, show_default=True)
@click.option(
    "--width", "widths", multiple=True, type=int, default=WIDTHS["mlp"], show_default=True
)
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(seeds: int, epochs: int, widths: tuple[int, ...], write: Path | None) -> None:
    """Compare on the digits."""
    with tempfile.TemporaryDirectory() as folder:
        table = performance.accuracy(pairs(Path(folder), range(seeds), epochs, widths), seeds)
    click.echo(table)
    if write:
        performance.write(write, "accuracy", table, sys.argv)


def pairs(
    folder: Path, seeds: range, epochs: int, widths: tuple[int, ...]
) -> dict[tuple[int, float], list[tuple[float, float]]]:
    """Of every (width, rate), for each seed: the accuracies of ours and of model.fit."""
    import keras

    prepare("digits", None, folder)
    task = Task(folder / "split.npz", "mlp", epochs)
    trainer, recipes = _trainer(folder / "raw.npz", epochs, widths)
    found: dict[tuple[int, float], list[tuple[float, float]]] = {}
    for width, rate in itertools.product(widths, RATES):
        found[width, rate] = []
        for seed in seeds:
            ours = trainer.run(
                recipes.of({"variant": "standard", "rate": rate, "width": width}), seed
            ).value
            keras.utils.set_random_seed(seed)
            found[width, rate].append((ours, task.fit(rate, width)))
    return found


def _trainer(data: Path, epochs: int, widths: tuple[int, ...]) -> Any:
    from tuner.data.loading import open_dataset
    from tuner.study.definition import StudyDefinition
    from tuner.workers.recipe import trainer_of
    from tuner.workers.resolve import resolve

    table = {
        "data": str(data),
        "model": "networks:mlp",
        "space": {"variant": "standard", "width": list(widths)},
        "training": {"epochs": epochs, "batch_size": BATCH},
    }
    definition = StudyDefinition.parse(table, "benchmark")
    train_validation = open_dataset(definition.data_settings).train_validation
    return trainer_of(resolve(definition, train_validation), train_validation)


if __name__ == "__main__":
    main()
