"""Trials an hour: tuner, a loop over model.fit, Optuna, KerasTuner and Ray Tune on the same work.

Every contender is a process of its own that trains 12 configurations (standard dropout, 4 rates x
3 widths); its time is that of the whole process, import to exit. Rounds are interleaved.
"""

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np
from speed import performance
from speed.contenders import CONTENDERS

from tuner.data.opening import open_dataset
from tuner.definition import StudyDefinition

HERE = Path(__file__).resolve().parent
ROWS = {
    "digits": {"model": "mlp", "epochs": 20},
    "mnist": {"model": "mlp", "epochs": 3},
    "cnn": {"model": "cnn", "epochs": 3},
}
"""Data, network and epochs; the CNN sees 8,000 images of MNIST."""


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice(tuple(ROWS)))
@click.option("--mnist", type=click.Path(exists=True, path_type=Path), help="mnist.npz, a file.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="Instead of the epochs of the row.")
@click.option("--only", multiple=True, type=click.Choice(tuple(CONTENDERS)), help="Repeatable.")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rows: tuple[str, ...],
    mnist: Path | None,
    rounds: int,
    epochs: int | None,
    only: tuple[str, ...],
    write: Path | None,
) -> None:
    """Measure ROWS (default: all of them)."""
    for row in rows or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            prepare(row, mnist, Path(folder))
            settings = ROWS[row] if epochs is None else ROWS[row] | {"epochs": epochs}
            names = only or tuple(CONTENDERS)
            found = {name: [] for name in names}
            for _, name in itertools.product(range(rounds), names):
                found[name].append(measure(name, settings, Path(folder)))
        table = performance.throughput(row, found, rounds)
        click.echo(table)
        if write:
            performance.write(write, f"throughput-{row}", table, sys.argv)


def prepare(row: str, mnist: Path | None, folder: Path) -> None:
    """Write raw.npz for tuner, and the same rows split and standardized for the others."""
    if row == "digits":
        from sklearn.datasets import load_digits

        digits = load_digits()
        raw = {"x": digits.data.astype("float32"), "y": digits.target}
    else:
        if mnist is None:
            raise click.UsageError(f"the row {row!r} needs --mnist FILE")
        with np.load(mnist) as arrays:
            raw = dict(arrays)
        if row == "cnn":
            raw = {"x": raw["x_train"][:12_500, ..., None], "y": raw["y_train"][:12_500]}
    np.savez(folder / "raw.npz", **raw)
    development = open_dataset(
        StudyDefinition.parse({"data": str(folder / "raw.npz")}, "benchmark")
    ).development
    parts = {"train": development.train, "validation": development.validation}
    arrays = {
        f"{axis}_{name}": getattr(part, axis) for name, part in parts.items() for axis in "xy"
    }
    np.savez(folder / "split.npz", **arrays)


def measure(name: str, settings: Mapping[str, Any], folder: Path) -> dict[str, float]:
    """Seconds a trial and mean accuracy of a contender, run once in an empty folder."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "raw.npz").symlink_to(folder / "raw.npz")
        started = time.perf_counter()
        values = _run(name, settings, folder, Path(place))
        seconds = time.perf_counter() - started
    return {"seconds": seconds / len(values), "accuracy": statistics.fmean(values)}


def _run(name: str, settings: Mapping[str, Any], folder: Path, place: Path) -> list[float]:
    script = HERE / "speed" / "contenders.py"
    arguments = [name, str(folder / "split.npz"), settings["model"], str(settings["epochs"])]
    path = os.pathsep.join([str(script.parent), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"{name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
