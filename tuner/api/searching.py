"""Search a study, and write what is found."""

from collections.abc import Callable
from pathlib import Path

from tuner.api.processes import Processes
from tuner.comparison.companion import comparison_of
from tuner.export.files import export, warm_up
from tuner.storage.connect import open_storage
from tuner.study.definition import StudyDefinition
from tuner.study.folder import folder_of
from tuner.study.results import Results
from tuner.workers import best_model, leader, runtime
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
    folder = folder_of(definition.name)
    request = processes.request(definition, url, folder, timeout=timeout, add=add)
    files: list[Path] = []
    listener = listen(definition.name)

    def submit(work: Work, ready: Ready) -> leader.Queue:
        queue = leader.submission(work, ready)
        begun()
        if notice:
            listener.notice(notice)
        return queue

    def conclude(results: Results) -> None:
        compared = comparison_of(definition.name, open_storage(url))
        files.extend(export(results, folder, compared)[0])

    with runtime.interruptible():
        results = leader.search(request, listener, conclude, warm_up, submit=submit)
    return results, files + best_model.files(results, folder)
