"""What an engine is asked for, what it answers, and what it has to be able to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from tuner.errors import UsageError, unknown

Condition = Literal["waiting", "running", "ended", "failed"]


@dataclass(frozen=True)
class Resources:
    """What one worker has: cores, GPUs (a part of one too), `memory` in MB, its time in seconds."""

    cores: int = 1
    gpus: float = 0.0
    memory: int | None = None
    seconds: int | None = None


@dataclass(frozen=True)
class Order:
    """`n` workers for a study.

    `command` is what follows `tuner`, `environment` what the workers are to find besides what
    their machine has. `folder` is the study's, `address` where the engine is, if it is not the one
    of this machine; `settings` are words of the engine's own.
    """

    study: str
    n: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    resources: Resources
    folder: Path
    address: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def timed(self) -> tuple[str, ...]:
        """The command of a worker that keeps to its time by itself, where no engine tells it."""
        seconds = self.resources.seconds
        return self.command if seconds is None else (*self.command, "--max-time", str(seconds))


@dataclass(frozen=True)
class Launch:
    """What an engine was given, as it is kept: its own `ids` of it, and how to ask for them."""

    engine: str
    study: str
    n: int
    ids: tuple[str, ...]
    address: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Worker:
    """A worker as its engine sees it, on `place` where that is known."""

    id: str
    condition: Condition
    place: str = ""


class Engine(Protocol):
    """What starts workers; each method raises TunerError where the engine does not answer.

    One whose workers have a store of their own, not that of the command, says `brings_store`.
    """

    def start(self, order: Order) -> tuple[str, ...]:
        """Have `order.n` workers started; the engine's ids, which find them again."""

    def state(self, launch: Launch) -> Sequence[Worker]:
        """What became of the workers of a launch."""

    def stop(self, launch: Launch) -> None:
        """End them; each has the time to hand its trial back."""

    def render(self, order: Order) -> str:
        """What `start` would give to the engine, as text."""


def chosen(order: Order, known: Mapping[str, str]) -> dict[str, str]:
    """The settings of an order over their defaults. Raises UsageError for one that is not known."""
    for name in order.settings:
        if name not in known:
            raise UsageError(f"--set: {unknown('setting', name, known)}")
    return {**known, **order.settings}
