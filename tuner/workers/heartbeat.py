"""Signs of life of the running trial, from a thread beside the training."""

import logging
import threading
from types import TracebackType

from tuner.errors import StoreError, one_line
from tuner.storage.worker_storage import WorkerStorage

_LOGGER = logging.getLogger("tuner")


class Heartbeat:
    """Inside this block the trial that `store` has claimed gives a sign of life every `seconds`.

    A store that does not answer is no reason to stop training: what cannot be written says so. Any
    other error is logged, and the next sign of life tried; until one succeeds `check` raises it.
    """

    def __init__(self, store: WorkerStorage, seconds: float) -> None:
        self.seconds = seconds
        self._store = store
        self._error: Exception | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def check(self) -> None:
        """Raise what keeps the signs of life from being given: trials would be taken by others.

        To be called between trials: the one that runs is not at fault.
        """
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while not self._ended.wait(self.seconds):
            try:
                self._store.beat()
            except StoreError:
                continue
            except Exception as error:  # noqa: BLE001 (the thread would end, and nobody notice)
                self._notice(error)
            else:
                self._error = None

    def _notice(self, error: Exception) -> None:
        if self._error is None:
            _LOGGER.warning("the running trial gave no sign of life: %s", one_line(error))
        self._error = error
