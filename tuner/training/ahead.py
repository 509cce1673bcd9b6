"""Batches that are read while the steps before them are computed."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_AHEAD = 4
_READERS = 2


def read_ahead(read: Callable[[Any], Any], wanted: Iterable[Any]) -> Iterator[Any]:
    """`read(each)` for each that is wanted, in order, at most four of them early."""
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(_READERS) as readers:
        for each in wanted:
            waiting.append(readers.submit(read, each))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
