"""The studies that a worker has open."""

from collections import OrderedDict
from pathlib import Path
from socket import gethostname

from tuner.errors import TunerError
from tuner.storage.worker_storage import WorkerStorage
from tuner.study.folder import folder_of
from tuner.study.studies import load_study
from tuner.workers.runnable import Runnable, make_runnable
from tuner.workers.service import Service

_MAX_STUDIES = 4


class OpenStudies:
    """Studies with their data and models, of which those used last are kept."""

    def __init__(self, service: Service, store: WorkerStorage) -> None:
        self._service = service
        self._store = store
        self._open: OrderedDict[str, Runnable] = OrderedDict()
        self._left_out: set[str] = set()

    def is_left_out(self, name: str) -> bool:
        """Whether a study cannot be run on this machine."""
        return name in self._left_out

    def open(self, name: str) -> Runnable | None:
        """A study; None, which is said, where it is left to other workers.

        An error where it cannot be run here, and was asked for by its name.
        """
        opened = self._open.pop(name, None)
        if opened is None:
            opened = self._make(name)
            if opened is None:
                return None
        self._open[name] = opened
        if len(self._open) > _MAX_STUDIES:
            self._open.popitem(last=False)
        return opened

    def _make(self, name: str) -> Runnable | None:
        service = self._service
        listener = service.listen(name)
        try:
            given = (load_study(name, self._store), listener, self._folder(name), service.stopping)
            return make_runnable(*given, service.tell, unpacks=service.unpacks)
        except TunerError as error:
            said = f"{error} (on {gethostname()})"
            if name in service.names and not service.watch:
                raise type(error)(said) from error
            self._left_out.add(name)
            listener.notice(f"left to other workers: {said}")
            return None

    def _folder(self, name: str) -> Path:
        given = self._service.checkpoints
        return folder_of(name) / "checkpoints" if given is None else given / name
