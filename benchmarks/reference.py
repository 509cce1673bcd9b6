"""Which dropout helps, by how much, at which rate: public data, trained and written down.

A run that was ended goes on where it was: what was trained is kept line by line in a folder.
"""

import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import click
from evidence import document, machine, second, stored
from evidence.case import Place, Training, label
from evidence.checking import DIFFERS, check
from evidence.part import Part
from evidence.parts import PARTS
from evidence.setting import SECOND
from evidence.training import train
from table import lines

PACKAGES = ("keras", "tensorflow", "numpy", "dropout-tuner")
DOCUMENT, README = Path("docs/results.md"), Path("README.md")
_folder = click.Path(path_type=Path, file_okay=False)


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(tuple(PARTS)))
@click.option("--data", type=_folder, default=Path("../shared/data"), show_default=True)
@click.option("--work", type=_folder, default=Path("reference"), show_default=True)
@click.option("--seeds", type=click.IntRange(1), help="How many from the first on.")
@click.option("--first", type=click.IntRange(0), default=0, help="The first seed.")
@click.option(
    "--threads", type=click.IntRange(1), help="Of TensorFlow (default: 1; --check: as recorded)."
)
@click.option("--all", "mode", flag_value="all", help="Every part, and the document.")
@click.option("--check", "mode", flag_value="check", help="Train a sample of what is kept again.")
@click.option("--write", "mode", flag_value="write", help="Write the document and its pictures.")
def main(
    parts: tuple[str, ...],
    data: Path,
    work: Path,
    seeds: int | None,
    first: int,
    threads: int | None,
    mode: str | None,
) -> None:
    """Train what is missing of PARTS, and keep it as Parquet."""
    work.mkdir(parents=True, exist_ok=True)
    place = Place(data.resolve(), work.resolve())
    chosen = [PARTS[name] for name in (parts or (PARTS if mode in {"all", "check"} else ()))]
    if mode == "check" and threads is None:
        sys.exit(_check_each_number_of_threads(chosen))
    machine.use_threads(threads or 1)
    if mode == "check":
        sys.exit(sum(_differs(part, place, threads or 1) for part in chosen) > 0)
    for part in chosen:
        own = [seed for seed in part.seeds if seed >= first]
        run(part, place, range(first, first + seeds) if seeds else own)
    if mode in {"all", "write"}:
        document.write(PARTS, DOCUMENT, README)


def run(part: Part, place: Place, seeds: Iterable[int]) -> None:
    """Train what is missing of a part, seed by seed."""
    kept_lines = place.work / f"{part.name}.jsonl"
    kept, _ = stored.read(part.name)
    found = list({each.key: each for each in (*kept, *stored.read_raw(kept_lines))}.values())
    for seed in seeds:
        for case in part.cases(place, seed, found):
            wanted = case if seed < SECOND else second.asked(case, found)
            for each in train(part.name, wanted, {one.key for one in found}):
                lines.append(kept_lines, each)
                found.append(each)
                click.echo(said(each), err=True)
    stored.write(part.name, found, about())


def _check_each_number_of_threads(parts: Sequence[Part]) -> int:
    """Check in a process for each: TensorFlow takes its threads once. 1 where any is another."""
    numbers = {each.threads for part in parts for each in stored.read(part.name)[0]}
    commands = [[sys.executable, *sys.argv, "--threads", str(n)] for n in sorted(numbers) if n]
    if not commands:
        raise click.UsageError("nothing is kept of these parts that could be trained again")
    return max(subprocess.run(each, check=False).returncode for each in commands)


def _differs(part: Part, place: Place, threads: int) -> bool:
    """Train a sample of a part again, and say what came of it; whether anything is another."""
    words = []
    for each in check(part, place, stored.read(part.name)[0], threads):
        now = each.again.measured.get("test", float("nan"))
        click.echo(f"{each.word}: {said(each.recorded)}, now {now:.4f}")
        words.append(each.word)
    return DIFFERS in words


def said(training: Training) -> str:
    """A training in a line."""
    test = training.measured.get("test", float("nan"))
    what = f"{training.case}, seed {training.seed}, {label(training.params)}"
    return f"{what}: {test:.4f} ({training.seconds:.0f} s)"


def about() -> dict[str, Any]:
    """With what it was made."""
    versions = {name: metadata.version(name) for name in PACKAGES}
    return {"versions": {"python": platform.python_version(), **versions}}


if __name__ == "__main__":
    main()
