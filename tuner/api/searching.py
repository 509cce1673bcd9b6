"""Search a study, and write what is found."""

from collections.abc import Callable
from pathlib import Path

from tuner.api import written
from tuner.api.processes import Processes
from tuner.comparison.companion import comparison_of
from tuner.export.files import export, warm_up
from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.folder import folder_of
from tuner.study.results import Results
from tuner.workers import best_model, leader, runtime
from tuner.workers.following import Queue
from tuner.workers.listener import Listener
from tuner.workers.messages import Ready, Work


def run(
    definition: StudyDefinition,
    url: str,
    processes: Processes,
    listen: Callable[[str], Listener],
    *,
    timeout: float | None = None,
    add: int | None = None,
    notice: str = "",
    begun: Callable[[], None] = lambda: None,
) -> tuple[Results, list[Path]]:
    """Run a study until it has its trials, or for `timeout` seconds: its results and files.

    `add` asks for that many trials more than before. Once the store has the study, `begun` is
    called, and a `notice` told to the listener.
    """
    folder, name = folder_of(definition.name), definition.name
    asked, before = written.digest_of(definition), written.written(name, url)
    is_over = add is None and before is not None and before.has(definition)
    request = processes.request(definition, url, folder, timeout=timeout, add=add)
    files: list[Path] = []
    listener = listen(name)

    def submit(work: Work, ready: Ready) -> Queue:
        queue = leader.submission(work, ready, listener.notice)
        begun()
        if notice:
            listener.notice(notice)
        return queue

    def conclude(results: Results) -> None:
        kept = written.written(name, url)
        if kept is not None:
            files.extend(kept.drawn)
            return
        compared = comparison_of(name, open_storage(url))
        files.extend(export(results, folder, compared)[0])

    with runtime.interruptible():
        results = leader.search(
            request,
            listener,
            conclude=conclude,
            meanwhile=_nothing if is_over else warm_up,
            submit=submit,
        )
    models = _models(results, folder, listener)
    if models or results.best is None:
        written.note(name, url, asked, files, models)
    return results, files + models


def _models(results: Results, folder: Path, listener: Listener) -> list[Path]:
    """The files of the best model; where those in the folder are not, that is said."""
    found = best_model.files(results, folder)
    if results.best is not None and not found:
        listener.notice(
            f"{folder / best_model.MODEL_FILE} is missing, or of another search:"
            f" 'tuner export {results.definition.name}' trains it again and writes it"
        )
    return found


def _nothing() -> None:
    """Nothing is written anew."""
