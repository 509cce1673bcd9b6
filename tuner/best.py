"""The best model of a study: kept while searching, trained again where it is missing."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tuner.data.opening import open_dataset
from tuner.errors import TunerError, UsageError
from tuner.objective import Objective
from tuner.resolve import resolve
from tuner.results import Results

MODEL_FILE = "best.keras"
RECORD_FILE = "best.json"


def keep(objective: Objective, results: Results, folder: Path) -> None:
    """Write the model that `objective` trained last, and beside it which trial it is."""
    objective.save(folder / MODEL_FILE)
    text = json.dumps(_record(results), indent=2)
    (folder / RECORD_FILE).write_text(text + "\n", encoding="utf-8")


def ensure(results: Results, folder: Path) -> list[Path]:
    """The files of the best model; trained again from its record where they are of another trial.

    Raises TunerError where no trial is complete, the data are others, or the value differs.
    """
    files = [folder / MODEL_FILE, folder / RECORD_FILE]
    record = _record(results)
    if not files[0].is_file() or _read(files[1]) != json.loads(json.dumps(record)):
        _train_again(results, folder)
    return files


def _record(results: Results) -> Mapping[str, Any]:
    best = results.best
    if best is None:
        raise TunerError(f"study {results.definition.name!r} has no complete trial yet")
    return {
        "study": results.definition.name,
        "trial": best.number,
        "metric": results.metric,
        "value": best.value,
        "seed": best.seed,
        "params": dict(best.params),
    }


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _train_again(results: Results, folder: Path) -> None:
    best = results.best
    if best is None or best.seed is None:
        raise TunerError("the best trial has no record to train it from")
    dataset = open_dataset(results.definition)
    if dataset.fingerprint != results.attrs.get("data"):
        raise UsageError(f"{results.definition.data}: the data changed since the study was made")
    objective = Objective(resolve(results.definition, dataset.development), dataset.development)
    value = objective.run(best.params, best.seed).value
    if value != best.value:
        raise TunerError(
            f"trial {best.number} trained again gives {value:.6g}, its record says {best.value:.6g}"
            " (another machine, or other versions): best.keras is not written"
        )
    keep(objective, results, folder)
