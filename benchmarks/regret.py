"""How far from the best a search ends: replayed on the table of trainings, which takes no training.

With --raw what was replayed is kept, and a run that was ended goes on where it was.
"""

import itertools
import json
import sys
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

import click
import numpy as np
import optuna
from replay import report
from replay.contenders import CONTENDERS
from replay.method import Answer, Seeds, replay
from replay.report import Found
from replay.world import World, load
from speed import performance
from table import stored
from threadpoolctl import threadpool_limits

BUDGETS = (15, 25, 50, 100)
PACKAGES = ("optuna", "keras-tuner", "smac", "scikit-learn", "numpy")
Task = tuple[str, str, int, int]
"""Contender, table, replication, seed of all."""


@click.command()
@click.option("--only", multiple=True, type=click.Choice(tuple(CONTENDERS)), help="Repeatable.")
@click.option("--replications", type=click.IntRange(2), default=200, show_default=True)
@click.option("--slow", type=click.IntRange(2), default=20, show_default=True, help="Of slow ones.")
@click.option("--table", type=click.Path(path_type=Path), default=stored.FILE, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True)
@click.option("--raw", type=click.Path(path_type=Path), help="A JSON file to keep and resume.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    only: tuple[str, ...],
    replications: int,
    slow: int,
    table: Path,
    seed: int,
    jobs: int,
    raw: Path | None,
    write: Path | None,
) -> None:
    """Replay searches, and show what their answers lose."""
    worlds, kept = load(table), _kept(raw)
    sizes = {name: world.validation.shape[:2] for name, world in worlds.items()}
    numbers = {name: slow if CONTENDERS[name].is_slow else replications for name in CONTENDERS}
    tasks = [
        (name, world, replication, seed)
        for name in only or CONTENDERS
        for world, replication in itertools.product(worlds, range(numbers[name]))
    ]
    keys = {task: _key(task, sizes) for task in tasks}
    missing = [task for task in tasks if keys[task] not in kept]
    for task, answers in _replayed(missing, table, BUDGETS, jobs):
        kept[keys[task]] = [vars(answer) for answer in answers]
        if raw and task[2] % 10 == 9:
            raw.write_text(json.dumps(kept) + "\n", encoding="utf-8")
    if raw:
        raw.write_text(json.dumps(kept) + "\n", encoding="utf-8")
    found: Found = {}
    for task in tasks:
        answers = [Answer(**answer) for answer in kept[keys[task]]]
        found.setdefault(task[0], {}).setdefault(task[1], []).append(answers)
    for key, shown in report.tables(found, worlds, BUDGETS).items():
        click.echo(shown)
        if write:
            performance.write(write, key, shown, sys.argv, PACKAGES)


def _kept(raw: Path | None) -> dict[str, list[dict[str, int]]]:
    return json.loads(raw.read_text(encoding="utf-8")) if raw and raw.is_file() else {}


def _key(task: Task, sizes: Mapping[str, tuple[int, ...]]) -> str:
    """What was replayed, on a table with so many points and seeds."""
    name, world, replication, seed = task
    points, seeds = sizes[world]
    return f"{name}, {world} {points} x {seeds}, seed {seed}, replication {replication}"


def _replayed(
    tasks: list[Task], table: Path, budgets: tuple[int, ...], jobs: int
) -> Iterator[tuple[Task, list[Answer]]]:
    if jobs == 1:
        _quiet()
        yield from ((task, answer(task, table, budgets)) for task in tasks)
        return
    with ProcessPoolExecutor(jobs, initializer=_quiet) as pool:
        done = pool.map(
            answer, tasks, itertools.repeat(table), itertools.repeat(budgets), chunksize=4
        )
        yield from zip(tasks, done, strict=True)


def _quiet() -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    threadpool_limits(1)


_worlds = lru_cache(maxsize=1)(load)


def answer(task: Task, table: Path, budgets: tuple[int, ...]) -> list[Answer]:
    """What a search recommends after each budget, in one replication."""
    name, world, replication, seed = task
    return run(name, _worlds(table)[world], replication, budgets, seed)


def run(
    name: str, world: World, replication: int, budgets: tuple[int, ...], seed: int
) -> list[Answer]:
    """The same on a world; what is drawn follows from seed and replication, for all searches."""
    contender, seeds = CONTENDERS[name], Seeds.of(world, replication)
    own, draws = np.random.SeedSequence((seed, replication)).generate_state(2).tolist()
    plans = [(budget,) for budget in budgets] if contender.plans else [budgets]
    answers = []
    for plan in plans:
        method = contender.make(world, own % 2**31, max(plan))
        answers += replay(method, world, seeds, plan, draws)
    return answers


if __name__ == "__main__":
    main()
