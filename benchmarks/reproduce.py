"""Measures published figures again and prints ours beside them."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import time
from pathlib import Path

import click
import rich
import tensorflow as tf
from reproduction import alpha, concrete, report, targeted, variational
from reproduction.images import Images, load_digits, load_images
from reproduction.outcome import Options

ROWS = {
    "targeted": targeted,
    "alpha": alpha,
    "concrete": concrete,
    "variational": variational,
}
REMARKS = {name: row.REMARK for name, row in ROWS.items()}


@click.command()
@click.argument("rows", nargs=-1, type=click.Choice(tuple(ROWS)))
@click.option("--mnist", type=click.Path(exists=True, path_type=Path), help="mnist.npz, a file.")
@click.option(
    "--data",
    type=click.Choice(("mnist", "cifar10")),
    default="mnist",
    show_default=True,
    help="Images of the row 'targeted'; the paper has cifar10.",
)
@click.option("--epochs", type=click.IntRange(1), help="Of a training (concrete: at N = 10).")
@click.option("--seeds", type=click.IntRange(1), help="How many seeds, from 0.")
@click.option("--threads", type=click.IntRange(1), default=1, show_default=True)
@click.option("--quick", is_flag=True, help="Two epochs on small digits: does it run?")
@click.option("--write", type=click.Path(path_type=Path), help="The Markdown document to renew.")
def main(
    rows: tuple[str, ...],
    mnist: Path | None,
    data: str,
    epochs: int | None,
    seeds: int | None,
    threads: int,
    quick: bool,
    write: Path | None,
) -> None:
    """Measure ROWS (default: all of them)."""
    if quick and write:
        raise click.UsageError("--quick measures nothing worth writing")
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)

    def load(name: str) -> Images:
        return load_digits() if quick else load_images(name, mnist if name == "mnist" else None)

    options = Options(load, data, epochs, seeds, quick)
    for row in rows or ROWS:
        started = time.monotonic()
        outcome = ROWS[row].run(options)
        rich.print(report.table(outcome))
        if write:
            seconds = time.monotonic() - started
            new = {row: report.record(outcome, command=_command(row), seconds=seconds)}
            report.write(write, new, REMARKS)


def _command(row: str) -> str:
    """The command that measures one row, with the options that change what is measured."""
    given = click.get_current_context().params
    changed = [
        f"--{name} {given[name]}"
        for name in ("data", "epochs", "seeds")
        if given[name] not in (None, "mnist")
    ]
    file = ["--mnist mnist.npz"] if given["mnist"] and row != "concrete" else []
    return " ".join(["python benchmarks/reproduce.py", row, *file, *changed])


if __name__ == "__main__":
    main()
