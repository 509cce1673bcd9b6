"""What a search needs until it has found the best: epochs and seconds, over several seeds.

Every search is a process of its own with the same space and the same budget of epochs. With --raw
what was measured is kept, and a run that was ended goes on where it was.
"""

import itertools
import json
import sys
import tempfile
import time
from pathlib import Path

import click
from speed import performance, process, reaching
from speed.data import prepare
from speed.hyperband import HIGH, VARIANTS, WIDTHS
from speed.reaching import Trial
from speed.searches import search

_positive = click.IntRange(1)
SEARCHES = {
    "tpe + successive_halving": ("tpe", "successive_halving"),
    "tpe + none": ("tpe", "none"),
    "random + successive_halving": ("random", "successive_halving"),
    "random + none": ("random", "none"),
    "tpe + median": ("tpe", "median"),
    "tpe + hyperband": ("tpe", "hyperband"),
    "keras-tuner hyperband": None,
}
"""Sampler and pruner of `tuner search`; the first are its default."""


@click.command()
@click.option("--seeds", type=_positive, default=5, show_default=True, help="How many, from 0.")
@click.option("--trials", type=_positive, default=50, show_default=True)
@click.option("--epochs", type=_positive, default=20, show_default=True)
@click.option("--within", default=0.2, show_default=True, help="Points below the best-known.")
@click.option("--only", multiple=True, type=click.Choice(tuple(SEARCHES)), help="Repeatable.")
@click.option("--raw", type=click.Path(path_type=Path), help="A JSON file to keep and resume.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    seeds: int,
    trials: int,
    epochs: int,
    within: float,
    only: tuple[str, ...],
    raw: Path | None,
    write: Path | None,
) -> None:
    """Measure how soon a search finds the best."""
    names = only or tuple(SEARCHES)
    kept = json.loads(raw.read_text(encoding="utf-8")) if raw and raw.is_file() else {}
    found: dict[str, list[list[Trial]]] = {name: [] for name in names}
    for seed, name in itertools.product(range(seeds), names):
        key = f"{name}, seed {seed}, {trials} trials, {epochs} epochs"
        if key not in kept:
            click.echo(key, err=True)
            kept[key] = [vars(trial) for trial in run(name, seed, trials, epochs)]
            if raw:
                raw.write_text(json.dumps(kept) + "\n", encoding="utf-8")
        found[name].append([Trial(**trial) for trial in kept[key]])
    shown = reaching.table(found, within, trials, epochs)
    click.echo(shown)
    if write:
        performance.write(write, "efficiency", shown, sys.argv)


def run(name: str, seed: int, trials: int, epochs: int) -> list[Trial]:
    """The trials of one search in the order in which they ended."""
    with tempfile.TemporaryDirectory() as folder:
        prepare("digits", None, Path(folder), seed=seed)
        ours = SEARCHES[name]
        if ours is None:
            return of_keras_tuner(Path(folder), seed, trials, epochs)
        sampler, pruner = ours
        study = {
            "data": str(Path(folder) / "raw.npz"),
            "space": {"variant": VARIANTS, "rate": {"low": 0.0, "high": HIGH}, "width": WIDTHS},
            "training": {"epochs": epochs},
            "search": {"trials": trials, "sampler": sampler, "pruner": pruner, "seed": seed},
        }
        done = search(study, "--jobs", 1)
    return [Trial(t.n_epochs, done.since(t.completed), t.value) for t in done.trials()]


def of_keras_tuner(folder: Path, seed: int, trials: int, epochs: int) -> list[Trial]:
    """KerasTuner's trials, until they have had as many epochs as all of ours unpruned."""
    started = time.time()
    budget = trials * epochs
    found = process.run("hyperband", folder / "split.npz", epochs, budget, seed, place=folder)
    return [Trial(t["epochs"], t["moment"] - started, t["value"]) for t in found]


if __name__ == "__main__":
    main()
