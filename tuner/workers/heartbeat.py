"""Signs of life of the running trial, from a thread beside the training."""

import threading
from types import TracebackType

from tuner.errors import StoreError
from tuner.storage.worker_storage import WorkerStorage


class Heartbeat:
    """Inside this block the trial that `store` has claimed gives a sign of life every `seconds`.

    A store that does not answer is no reason to stop training: what cannot be written says so.
    """

    def __init__(self, store: WorkerStorage, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds):
            try:
                self._store.beat()
            except StoreError:
                continue
