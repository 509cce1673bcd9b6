"""The document of all parts, from what is kept of them."""

from collections.abc import Mapping
from typing import Any

from evidence import stored
from evidence.case import Part, Training

INTRODUCTION = """# Results

Which dropout helps, by how much, at which rate, measured with tuner on public data. Every
difference is one to the *same network without dropout*, on the same rows, from the same initial
weights, and has its 95 % interval over the seeds; rates were chosen on validation rows, and what is
shown is of test rows that nothing was chosen by. Results that are no gain stay in.

`python benchmarks/reference.py --all` trains what is missing and writes this page; what was trained
is kept in `benchmarks/reference/`, and `--check` trains a sample of it again.
"""


def document(parts: Mapping[str, Part]) -> str:
    """The page, with a section for each part that has been trained."""
    sections = [INTRODUCTION]
    for part in parts.values():
        found, about = stored.read(part.name)
        if found:
            sections.append(section(part, found, about))
    return "\n".join(sections)


def section(part: Part, found: list[Training], about: Mapping[str, Any]) -> str:
    """Title, what was trained, the table, and how to make it."""
    seconds = sum(each.seconds for each in found)
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    seeds = len({each.seed for each in found})
    cost = f"{len(found):,} trainings, {seeds} seeds, {seconds / 60:,.0f} minutes of one core"
    how = f"{cost}; {versions}."
    command = f"```sh\npython benchmarks/reference.py {part.name}\n```\n"
    return "\n".join([f"## {part.title}\n", part.text, part.show(found), how, "", command])
