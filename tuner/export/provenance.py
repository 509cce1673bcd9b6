"""What it takes to repeat a study: its definition, and what it was made with and on."""

import os
import platform
import shlex
import subprocess
from pathlib import Path
from typing import Any

import tomli_w

from tuner.study import attrs
from tuner.study.results import Results
from tuner.study.studies import versions

_PROCESSOR = {"family": "cpu family", "model": "model"}


def study_file(results: Results) -> str:
    """The definition as the text of a study file."""
    table = results.definition.to_table()
    return tomli_w.dumps({key: value for key, value in table.items() if key != "name"})


def environment(results: Results, path: Path) -> dict[str, Any]:
    """Definition, versions, data and machine, and the command to repeat the study from `path`."""
    definition = results.definition
    return {
        "study": definition.name,
        "definition": definition.to_table(),
        "repeat": f"tuner search {shlex.quote(str(path))} --name {definition.name}-again",
        "created_with": attrs.VERSIONS.of(results.attrs),
        "exported_with": versions(),
        "data_fingerprint": attrs.DATA.of(results.attrs),
        "n_train": attrs.N_TRAIN.of(results.attrs),
        "n_validation": attrs.N_VALIDATION.of(results.attrs),
        "classes": attrs.CLASSES.of(results.attrs),
        "features": attrs.FEATURES.of(results.attrs),
        "notes": list(attrs.NOTES.of(results.attrs)),
        "platform": platform.platform(),
        "cpu": {"name": processor(), "cores": os.cpu_count()},
        "git_revision": _git_revision(),
    }


def processor() -> str:
    """The processor; on Linux with its family and model, as virtual machines shorten its name."""
    described = Path("/proc/cpuinfo")
    first = described.read_text(encoding="utf-8").split("\n\n")[0] if described.is_file() else ""
    lines = [line.partition(":") for line in first.splitlines()]
    table = {key.strip(): value.strip() for key, _, value in lines}
    if "model name" not in table:
        return platform.processor()
    known = [f"{name} {table[key]}" for name, key in _PROCESSOR.items() if key in table]
    return " ".join([table["model name"], *([f"({', '.join(known)})"] if known else [])])


def _git_revision() -> str | None:
    try:
        command = ["git", "rev-parse", "HEAD"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
