"""What a worker was asked for."""

import math
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tuner.workers.channel import Stopping
from tuner.workers.listener import Listener


@dataclass(frozen=True)
class Service:
    """What `tuner worker` was asked for: studies (all, if none is named), and whether to stay.

    `checkpoints` is a folder (by default one beside the exports of each study), `heartbeat` is in
    seconds, `stopping` is set to end, `tell` hears of every trial that begins, gets on and ends. It
    ends after `max_trials`, or once nothing was left to do for `idle` seconds (0, or for ever with
    `watch`). Where it `unpacks`, code that a study brings in a bundle is run.
    """

    url: str
    names: Collection[str]
    checkpoints: Path | None
    heartbeat: float
    listen: Callable[[str], Listener]
    stopping: Stopping = field(default_factory=threading.Event)
    watch: bool = False
    tell: Callable[[Any], None] = lambda message: None
    max_trials: float = math.inf
    idle: float | None = None
    unpacks: bool = False

    @property
    def stays(self) -> float:
        """The seconds to wait for more, once nothing is left."""
        if self.idle is not None:
            return self.idle
        return math.inf if self.watch else 0.0
