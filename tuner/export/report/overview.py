"""All studies of a store on one page, each with its answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from tuner.export.report import assets
from tuner.export.report.page import Live, template


@dataclass(frozen=True)
class Entry:
    """A study: what is said of it, facts by their names, and where more is, its page first."""

    name: str
    said: str
    facts: Sequence[tuple[str, str]]
    links: Sequence[tuple[str, str]]


def render(studies: Sequence[Entry], live: Live) -> str:
    """The page as text."""
    return template("studies.html").render(studies=studies, live=live, **assets.of(()))
