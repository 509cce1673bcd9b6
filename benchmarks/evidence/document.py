"""The document of all parts, and its pictures, from what is kept of them."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence import drawing, opening, ranges, ranges_picture, saying, second, stored
from evidence.part import Found, Part, Picture
from evidence.setting import Setting, first_run

INTRODUCTION = """# Results

Which dropout helps, by how much, at which rate, measured with tuner on public data. Every
difference is one to the *same network without dropout*, on the same rows, from the same initial
weights, and has its 95 % interval over the seeds; rates were chosen on validation rows, and what is
shown is of test rows that nothing was chosen by. Results that are no gain stay in. Every sentence
with a number is computed from what is kept.

`python benchmarks/reference.py --all` trains what is missing and writes this page; what was trained
is kept in `benchmarks/reference/`, and `--check` trains a sample of it again, with as many threads.
Another number of threads or another processor adds in another order, and a training then ends as
with another seed, which `--check` tells from what differs by more.
"""


def write(parts: Mapping[str, Part], page: Path, readme: Path) -> None:
    """The page, beside it its pictures, and the opening of the README once the map is whole."""
    page.write_text(document(parts), encoding="utf-8")
    for name, (found, _) in _kept(parts).items():
        picture = parts[name].picture
        if picture:
            drawing.write(picture, first_run(found), page.parent)
        if name == "few_rows":
            opening.renew(readme, first_run(found))
    if settings := _settings(parts):
        drawing.write(_rates(settings), (), page.parent)


def document(parts: Mapping[str, Part]) -> str:
    """The page, with a section for each part that has been trained."""
    kept = _kept(parts)
    sections = [INTRODUCTION]
    sections += [section(parts[name], *found) for name, found in kept.items()]
    if settings := _settings(parts):
        by_part = {
            name: parts[name].settings(first_run(found)) for name, (found, _) in kept.items()
        }
        shown = image(_rates(settings), ())
        sections.append(
            "\n".join([f"## {ranges.TITLE}\n", ranges.TEXT, shown, ranges.show(by_part)])
        )
    if again := second.show(parts, {name: found for name, (found, _) in kept.items()}):
        sections.append("\n".join([f"## {second.TITLE}\n", second.TEXT, again]))
    return "\n".join(sections)


def section(part: Part, found: Found, about: Mapping[str, Any]) -> str:
    """Title, what was trained, picture and tables, and how to make it."""
    seconds = sum(each.seconds for each in found)
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    first = first_run(found)
    seeds = saying.number(len({each.seed for each in first}), "seed")
    cost = f"{len(found):,} trainings, {seeds}, {seconds / 60:,.0f} minutes by the clock"
    how = f"{cost}{_threads(found)}; {versions}."
    command = f"```sh\npython benchmarks/reference.py {part.name}\n```\n"
    shown = [image(part.picture, first)] if part.picture else []
    return "\n".join([f"## {part.title}\n", part.text, *shown, part.show(first), how, "", command])


def _threads(found: Found) -> str:
    """With how many threads a part was trained, as far as that was noted."""
    counted = Counter(each.threads for each in found if each.threads)
    if len(counted) == 1:
        return f", {saying.number(next(iter(counted)), 'thread')}"
    shares = [f"{n:,} with {saying.number(each, 'thread')}" for each, n in counted.most_common()]
    return f" ({saying.listed(shares)})" if shares else ""


def image(picture: Picture, found: Found) -> str:
    """A picture on the page."""
    return f'<img src="{picture.file}" alt="{picture.text(found)}" width="600">\n'


def _kept(parts: Mapping[str, Part]) -> dict[str, tuple[Found, Mapping[str, Any]]]:
    kept = {name: stored.read(name) for name in parts}
    return {name: each for name, each in kept.items() if first_run(each[0])}


def _settings(parts: Mapping[str, Part]) -> list[Setting]:
    kept = _kept(parts)
    return [each for name in kept for each in parts[name].settings(first_run(kept[name][0]))]


def _rates(settings: list[Setting]) -> Picture:
    return Picture(
        ranges_picture.FILE,
        lambda _: ranges_picture.text(settings),
        lambda _: ranges_picture.draw(settings),
    )
