"""Measurements as Markdown tables, and the document that keeps them."""

import json
import platform
import shlex
import statistics
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from joblib import cpu_count
from scipy import stats

from tuner.comparison.statistics.estimates import holm
from tuner.export.provenance import processor

PACKAGES = ("keras", "tensorflow", "optuna", "keras-tuner", "ray")
THROUGHPUT = (
    "Seconds a trial are those of the whole process divided by its trials. `tuner` also trains its"
    " two baselines and writes plots, tables and the best model."
)
SEARCH = (
    "{trials} trials on the digits, the whole process, median of {rounds} interleaved rounds, least"
    " and most in brackets. The space: none, standard, gaussian and alpha, rates to 0.8, widths of"
    " 64, 256, 512; 20 epochs. `tuner` is `tuner search` in that space: TPE, pruning, baselines,"
    " plots, tables, the best model. KerasTuner searches at random."
)
ACCURACY = (
    "Digits, validation accuracy in percent, means over {seeds} seeds in pairs that start from the"
    " same weights; the difference with its 95 % interval (paired t), and p corrected for as many"
    " rows (Holm)."
)
STORE = (
    "{trials} trials of no work on one database on the same machine, which the workers share:"
    " claim, sample its params, report {epochs} epochs, tell. *Processor ms* are those of all"
    " processes together, the database's too, divided by the trials; *ms a trial* is the median of"
    " the time that its worker waits. At most so many connections were open at a time, and so much"
    " has the memory of a worker grown. The first two trials of each worker are not counted."
)
CROWDS = (
    "Simulated workers, threads of processes on the same machine: a trial takes 30 to 90 s divided"
    " by {scale:g}, and has ten epochs. *Expected* are the trials a second without a store, over"
    " {seconds:g} s; *waited* is what a trial waited to be claimed, proposed and told;"
    " *processors* are how many were busy."
)
MEASURED = "<!-- measured -->\n"
INTRODUCTION = """# Performance

Every table is written by the command under it, side by side in one run: ratios count, seconds are
those of a shared machine.
"""


def section(title: str, text: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A title, what was measured, and a table of it."""
    lines = [line(header), "|" + "---|" * len(header), *map(line, rows)]
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


def search(found: Mapping[str, list[float]], trials: int) -> str:
    """A table of the seconds of a whole search, and how many times those of tuner."""
    ours = statistics.median(found["tuner"]) if "tuner" in found else None
    text = SEARCH.format(trials=trials, rounds=max(map(len, found.values())))
    rows = []
    for name, seconds in found.items():
        ratio = "-" if ours is None else f"{statistics.median(seconds) / ours:.1f}"
        rows.append((name, spread(seconds, 1), ratio))
    return section("Fifty trials", text, ("contender", "seconds", "x tuner's time"), rows)


def accuracy(found: Mapping[tuple[int, float], list[tuple[float, float]]], seeds: int) -> str:
    """A table of mean accuracies, their paired difference with its interval, and Holm's p."""
    differences = ([100 * (ours - fits) for ours, fits in pairs] for pairs in found.values())
    tests = [stats.ttest_1samp(each, 0.0) for each in differences]
    corrected = holm([float(test.pvalue) for test in tests])
    rows = []
    for ((width, rate), pairs), test, p in zip(found.items(), tests, corrected, strict=True):
        ours, fits = (100 * statistics.fmean(each) for each in zip(*pairs, strict=True))
        low, high = test.confidence_interval(0.95)
        shown = f"{ours - fits:+.2f} [{low:+.2f}, {high:+.2f}]"
        rows.append((width, rate, f"{ours:.2f}", f"{fits:.2f}", shown, f"{p:.2f}"))
    header = ("width", "rate", "tuner", "model.fit", "difference", "p")
    text = ACCURACY.format(seeds=seeds)
    return section("The same accuracies as model.fit", text, header, rows)


def store(rows: Sequence[Sequence[object]], trials: int, epochs: int, **asked: object) -> str:
    """A table of trials a second, and of what one trial costs and waits for the store."""
    header = (
        *("store", "sampler", "trials before", "workers", "trials a second"),
        *("processor ms a trial", "ms a trial", "95 %", "connections", "MB a worker"),
    )
    title = "The store" if asked["section"] == "store" else f"What a trial costs: {rows[0][0]}"
    return section(title, STORE.format(trials=trials, epochs=epochs), header, rows)


def crowds(rows: Sequence[Sequence[object]], scale: float, seconds: float, **_: object) -> str:
    """A table of what many simulated workers come to."""
    header = (
        *("store", "sampler", "workers", "expected a second", "trials a second"),
        *("s waited a trial", "95 %", "processors of the store", "of the workers"),
        *("connections", "failed"),
    )
    text = CROWDS.format(scale=scale, seconds=seconds)
    return section(f"Many workers: {rows[0][0]}", text, header, rows)


def write(
    path: Path, key: str, table: str, argv: list[str], packages: Iterable[str] = PACKAGES
) -> None:
    """Renew one section of the document at `path`; the others keep what they had."""
    kept = path.with_suffix(".json")
    sections = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    command = shlex.join(["python", f"benchmarks/{Path(argv[0]).name}", *argv[1:]])
    how = f"{_machine()}; {_versions(packages)}.\n\n```sh\n{command}\n```\n"
    sections[key] = f"{table}\n{how}"
    kept.write_text(json.dumps(sections, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    path.write_text(document(sections, _introduction(path)), encoding="utf-8")


def document(sections: Mapping[str, str], introduction: str = INTRODUCTION) -> str:
    """All sections under their introduction."""
    return "\n".join([introduction, *sections.values()])


def _introduction(path: Path) -> str:
    """What stands above the mark in the document, where it has one."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    written, mark, _ = text.partition(MEASURED)
    return written + mark if mark else INTRODUCTION


def line(cells: Sequence[object]) -> str:
    """A row of a table."""
    return f"| {' | '.join(map(str, cells))} |"


def _machine() -> str:
    """How many cores of which processor."""
    return f"{cpu_count()} cores of {processor() or platform.machine()}"


def _versions(packages: Iterable[str]) -> str:
    found = [f"Python {platform.python_version()}"]
    for name in packages:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
