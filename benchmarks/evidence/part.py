"""A section of the document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evidence.case import Cases, Training
from evidence.setting import Setting
from matplotlib.figure import Figure

Found = Sequence[Training]


@dataclass(frozen=True)
class Picture:
    """A file beside the document; `text` says what it shows, for whoever does not see it."""

    file: str
    text: Callable[[Found], str]
    draw: Callable[[Found], Figure]


@dataclass(frozen=True)
class Part:
    """`text` says what is trained, `show` what came of it, `settings` what each rate gains."""

    name: str
    title: str
    text: str
    cases: Cases
    show: Callable[[Found], str]
    settings: Callable[[Found], Sequence[Setting]]
    seeds: Sequence[int]
    picture: Picture | None = None
