"""What is written of a study for people: its report on one page, and Python for its network."""

from pathlib import Path

from tuner.comparison import verdict
from tuner.comparison.answer import use
from tuner.comparison.companion import parent
from tuner.errors import UsageError
from tuner.export.report import page
from tuner.plots.helpers import Helpers
from tuner.silence import silenced
from tuner.storage.worker_storage import WorkerStorage
from tuner.study.folder import folder_of
from tuner.study.reading import read
from tuner.study.studies import load_study


def write_report(
    study: str, store: WorkerStorage, out: Path | None = None, helpers: Helpers | None = None
) -> Path:
    """Write the report of a study, that of a comparison too, and give its file.

    It is studies/STUDY/report.html unless `out` is given; UsageError where that cannot be written.
    """
    found = load_study(parent(study) or study, store)
    path = out or folder_of(found.study_name) / "report.html"
    text = page.of_study(found, store, helpers=helpers)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from None
    return path


def code(study: str, store: WorkerStorage, number: int | None = None) -> str:
    """Python for what the answer of a study says to use, or for a trial.

    Raises UsageError where there is no such trial.
    """
    found = load_study(study, store)
    results = read(found)
    if number is None:
        params, what = use(results, verdict.judge_if_compared(found, store))
    else:
        trial = next((row for row in results.trials if row.number == number), None)
        if trial is None or not trial.params:
            raise UsageError(f"study {study!r} has no trial {number} with params")
        params, what = trial.params, f"Trial {number} of {study}."
    with silenced():
        from tuner.data.loading import open_dataset  # noqa: PLC0415 (TensorFlow)
        from tuner.workers.code import code_of  # noqa: PLC0415
        from tuner.workers.resolve import resolve  # noqa: PLC0415
    data = open_dataset(results.definition.data_settings).train_validation
    return code_of(resolve(results.definition, data), params, what)
