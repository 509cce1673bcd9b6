"""Measurements as Markdown tables, and the document that keeps them."""

import json
import platform
import shlex
import statistics
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

PACKAGES = ("keras", "tensorflow", "optuna", "keras-tuner", "ray")
THROUGHPUT = (
    "Seconds a trial are those of the whole process divided by its trials. `tuner` also trains its"
    " two baselines and writes plots, tables and the best model."
)
INTRODUCTION = """# Performance

Every table is written by the command under it, side by side in one run: ratios count, seconds are
those of a shared machine.
"""


def section(title: str, text: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A title, what was measured, and a table of it."""
    lines = [_line(header), "|" + "---|" * len(header), *map(_line, rows)]
    return "\n".join([f"## {title}", "", text, "", *lines]) + "\n"


def spread(values: Sequence[float], digits: int = 2) -> str:
    """The median, with least and most in brackets."""
    median, least, most = (
        f"{value:.{digits}f}" for value in (statistics.median(values), min(values), max(values))
    )
    return f"{median} [{least}, {most}]"


def throughput(row: str, found: Mapping[str, list[dict[str, float]]], rounds: int) -> str:
    """A table of seconds a trial, trials an hour, and how many times the time of tuner."""
    medians = {n: statistics.median(r["seconds"] for r in rounds_) for n, rounds_ in found.items()}
    ours = medians.get("tuner")
    rows = []
    for name, median in sorted(medians.items(), key=lambda item: item[1]):
        seconds = spread([each["seconds"] for each in found[name]])
        accuracy = statistics.fmean(each["accuracy"] for each in found[name])
        ratio = "-" if ours is None else f"{median / ours:.1f}"
        rows.append((name, seconds, f"{3600 / median:.0f}", ratio, f"{accuracy:.4f}"))
    header = ("contender", "seconds a trial", "trials an hour", "x tuner's time", "mean accuracy")
    text = f"Median of {rounds} interleaved rounds, least and most in brackets. {THROUGHPUT}"
    return section(f"Throughput: {row}", text, header, rows)


def write(path: Path, key: str, table: str, argv: list[str]) -> None:
    """Renew one section of the document at `path`; the others keep what they had."""
    kept = path.with_suffix(".json")
    sections = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    command = shlex.join(["python", f"benchmarks/{Path(argv[0]).name}", *argv[1:]])
    how = f"Python {platform.python_version()}, {_versions()}.\n\n```sh\n{command}\n```\n"
    sections[key] = f"{table}\n{how}"
    kept.write_text(json.dumps(sections, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path.write_text("\n".join([INTRODUCTION, *sections.values()]), encoding="utf-8")


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _versions() -> str:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
