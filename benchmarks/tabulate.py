"""Train every variant x rate x width x seed of a data set, and keep all in one Parquet file.

A run that was ended goes on where it was; more seeds are added to those that are there.
"""

import json
import math
import platform
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from itertools import product
from pathlib import Path

import click
from table import grid, lines, stored
from table.point import Point
from table.sources import STUDIES, open_table
from table.stored import Training

from tuner.data.dataset import Dataset
from tuner.training.loop import DivergedError
from tuner.training.metrics import metric_of
from tuner.training.prediction import answer
from tuner.training.trainer import Trainer
from tuner.workers.recipe import Recipes, trainer_of
from tuner.workers.resolve import Resolved, resolve

_BLOCK = 5
"""Seeds that are trained for all points before the next ones: a table is whole early."""
PACKAGES = ("keras", "tensorflow", "numpy")
_path = click.Path(path_type=Path)


@click.command()
@click.argument("name", metavar="TABLE", type=click.Choice(tuple(STUDIES)))
@click.option("--file", type=_path, help="The data of mnist (.npz) or concrete (.csv).")
@click.option("--seeds", type=click.IntRange(1), default=20, show_default=True)
@click.option("--without", multiple=True, help="A variant to leave for later. Repeatable.")
@click.option("--raw", type=_path, required=True, help="A folder for what has been trained.")
@click.option("--into", type=_path, default=stored.FILE, show_default=True)
def main(
    name: str, file: Path | None, seeds: int, without: tuple[str, ...], raw: Path, into: Path
) -> None:
    """Train what is missing of TABLE, then write all tables that the folder has."""
    definition, dataset = open_table(name, file)
    resolved = resolve(definition, dataset.train_validation)
    raw.mkdir(parents=True, exist_ok=True)
    about = raw / f"{name}.json"
    about.write_text(json.dumps(describe(resolved, dataset), indent=2) + "\n", encoding="utf-8")
    made = raw / f"{name}.jsonl"
    done = {each.key for each in stored.read_raw(made)}
    points = [point for point in grid.points(resolved) if point.variant not in without]
    for first in range(0, seeds, _BLOCK):
        block = product(points, range(first, min(first + _BLOCK, seeds)))
        wanted = [(point, seed) for point, seed in block if point.with_seed(seed) not in done]
        for each in trainings(resolved, dataset, wanted):
            lines.append(made, each)
        click.echo(f"{name}: seeds below {first + _BLOCK}", err=True)
        gather(raw, into)


def trainings(
    resolved: Resolved, dataset: Dataset, wanted: list[tuple[Point, int]]
) -> Iterator[Training]:
    """Train points with seeds: one process, one program for each structure."""
    bench = Bench(resolved, dataset, *trainer_of(resolved, dataset.train_validation))
    for point, seed in wanted:
        yield train(point, seed, bench)


@dataclass(frozen=True)
class Bench:
    """What trains a table."""

    resolved: Resolved
    dataset: Dataset
    trainer: Trainer
    recipes: Recipes


def train(point: Point, seed: int, bench: Bench) -> Training:
    """One training; the same seed has the same initial weights and order at every point."""
    curve: list[float] = []
    label = f"val_{bench.trainer.metric}"
    began = time.perf_counter()
    recipe = bench.recipes.of(grid.params(point, bench.resolved))
    try:
        result = bench.trainer.run(recipe, seed, lambda _, found: curve.append(found[label]))
        ends = result.train_value, tested(bench)
    except DivergedError:
        ends = math.nan, math.nan
    seconds = time.perf_counter() - began
    return Training(point.variant, point.rate, point.width, seed, curve, *ends, seconds)


def tested(bench: Bench) -> float:
    """The metric of the model that was trained last on the test part."""
    part, data = bench.dataset.test, bench.dataset.train_validation
    answers = answer(bench.trainer.model, part.x, data.spec.task)
    return metric_of(bench.trainer.metric, answers, part.y, data.scaling.y_scale)


def describe(resolved: Resolved, dataset: Dataset) -> dict[str, object]:
    """What one has to know to use a table: its study, rows, ranges, hyperparameters, versions."""
    definition = resolved.definition
    data = dataset.train_validation
    parts = {"train": data.train, "validation": data.validation, "test": dataset.test}
    first = {each.variant: each for each in reversed(grid.points(resolved))}
    params = {name: grid.params(point, resolved) for name, point in first.items()}
    return {
        "metric": definition.metric,
        "direction": definition.better,
        "training": definition.training.model_dump(),
        "rows": {name: len(part.x) for name, part in parts.items()},
        "ranges": grid.ranges(resolved),
        "hyperparameters": {
            name: {k.partition(".")[2]: v for k, v in found.items() if "." in k}
            for name, found in params.items()
        },
        "versions": {
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in PACKAGES},
        },
    }


def gather(raw: Path, into: Path) -> None:
    """Write the Parquet file of all tables of a folder."""
    names = [name for name in STUDIES if (raw / f"{name}.jsonl").is_file()]
    about = {name: json.loads((raw / f"{name}.json").read_text()) for name in names}
    stored.write(into, {name: stored.read_raw(raw / f"{name}.jsonl") for name in names}, about)


if __name__ == "__main__":
    main()
