"""Outcomes as a table on the terminal, and as a document with the outcomes before."""

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import rich.table
import tensorflow as tf
from reproduction.outcome import Line, Outcome

import tuner

HEADER = ("figure", "published", "ours", "asked", "")
INTRODUCTION = """# Published figures, measured again

Written by `python benchmarks/reproduce.py --write docs/reproduction.md` from what it measured with
the layers of `tuner.dropout`. ± is the standard deviation over the seeds; where the last column is
empty, nothing was asked of that figure.
"""


def verdict(line: Line) -> str:
    """What became of a criterion."""
    return {None: "", True: "met", False: "missed"}[line.met]


def table(outcome: Outcome) -> rich.table.Table:
    """One row of the reproduction, for the terminal."""
    drawn = rich.table.Table(*HEADER, title=outcome.title, caption=outcome.setting)
    for line in outcome.lines:
        style = "red" if line.met is False else None
        drawn.add_row(*_cells(line), style=style)
    return drawn


def record(outcome: Outcome, *, command: str, seconds: float) -> dict[str, Any]:
    """An outcome with how it came about, for the file beside the document."""
    versions = {
        "tuner": tuner.__version__,
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "python": platform.python_version(),
    }
    how = {"command": command, "versions": versions, "minutes": round(seconds / 60, 1)}
    stored: dict[str, Any] = json.loads(json.dumps(asdict(outcome) | how))
    return stored


def write(path: Path, new: Mapping[str, Any], remarks: Mapping[str, str]) -> None:
    """Renew the document at `path` and its .json; rows that are not new keep what they had."""
    kept = path.with_suffix(".json")
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.is_file() else {}
    known.update(new)
    rows = {name: known[name] for name in remarks if name in known}
    text = json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    kept.write_text(text, encoding="utf-8")
    path.write_text(document(rows, remarks), encoding="utf-8")


def document(rows: Mapping[str, Any], remarks: Mapping[str, str]) -> str:
    """The Markdown of measured rows, each with its remark."""
    return "\n".join([INTRODUCTION, *(_section(row, remarks[name]) for name, row in rows.items())])


def _section(row: Mapping[str, Any], remark: str) -> str:
    lines = [_cells(Line(**line)) for line in row["lines"]]
    cells = [HEADER, ("---",) * len(HEADER), *lines]
    seeds = ", ".join(map(str, row["seeds"]))
    versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items())
    how = f"Seeds {seeds}; {row['minutes']} minutes; {versions}."
    table_of = "\n".join("| " + " | ".join(line) + " |" for line in cells)
    parts = [f"## {row['title']}", f"{row['setting']}.", table_of, remark, how]
    return "\n\n".join([*parts, f"```sh\n{row['command']}\n```"]) + "\n"


def _cells(line: Line) -> tuple[str, ...]:
    return line.quantity, line.published, line.ours, line.criterion, verdict(line)
