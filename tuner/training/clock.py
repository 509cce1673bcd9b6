"""Where the seconds of a process go."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any


class Clock:
    """Seconds by what they are spent on; time inside a nested block counts for that block only."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._since = time.perf_counter()
        self._on = ["other"]

    @contextlib.contextmanager
    def spend(self, on: str) -> Iterator[None]:
        """Count this block."""
        self._turn()
        self._on.append(on)
        try:
            yield
        finally:
            self._turn()
            self._on.pop()

    def take(self) -> dict[str, float]:
        """The seconds so far, which are counted from 0 again."""
        self._turn()
        taken, self.seconds = dict(self.seconds), defaultdict(float)
        return taken

    def waiting(self, on: str, given: Iterable[Any]) -> Iterator[Any]:
        """What is given, one by one; the time until each is there is counted."""
        items, end = iter(given), object()
        while True:
            with self.spend(on):
                item = next(items, end)
            if item is end:
                return
            yield item

    def _turn(self) -> None:
        now = time.perf_counter()
        self.seconds[self._on[-1]] += now - self._since
        self._since = now
