"""A study as files: tables, plots, the best model, and what it takes to repeat it."""

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd

from tuner.export import provenance
from tuner.plots import DEFAULT, saving
from tuner.plots.csv_table import quoted
from tuner.plots.helpers import helping
from tuner.study.results import Results, TrialRow

_WHOLE = ("number", "user_attrs_epochs", "user_attrs_seed", "user_attrs_n_weights")
_EMPTY = TrialRow(0, "WAITING", None, None, {})


def export(
    results: Results, folder: Path, compared: Results | None = None
) -> tuple[list[Path], list[str]]:
    """Write tables, plots and provenance: the files, and a line for each plot left out.

    `finals` are the results of the comparison of the study, where there is one.
    """
    with helping(len(DEFAULT)) as helpers:
        finish = saving.begin_plots(results, folder / "plots", helpers=helpers, compared=compared)
        files = [*write_tables(results, folder), *write_provenance(results, folder)]
        plots, left_out = finish()
    return files + plots, left_out


def warm_up() -> None:
    """Do once, ahead of time, what makes the first `export` of a process slower than the next."""
    saving.warm_up()
    pd.DataFrame({"number": [0]}).to_parquet(BytesIO(), index=False)


def write_tables(results: Results, folder: Path) -> list[Path]:
    """Write trials and epochs, each as .csv, .json and .parquet."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    tables = {"trials": trials_frame(results), "epochs": epochs_frame(results)}
    for name, table in tables.items():
        paths = [folder / f"{name}.{suffix}" for suffix in ("csv", "json", "parquet")]
        table.map(quoted).to_csv(paths[0], index=False)
        table.to_json(paths[1], orient="records", indent=2, date_format="iso", double_precision=15)
        _uniform(table).to_parquet(paths[2], index=False)
        files += paths
    return files


def write_provenance(results: Results, folder: Path) -> list[Path]:
    """Write study.toml, the definition as a study file, and environment.json."""
    folder.mkdir(parents=True, exist_ok=True)
    study_file, path = folder / "study.toml", folder / "environment.json"
    study_file.write_text(provenance.study_file(results), encoding="utf-8")
    environment = provenance.environment(results, study_file)
    path.write_text(json.dumps(environment, indent=2) + "\n", encoding="utf-8")
    return [path, study_file]


def trials_frame(results: Results) -> pd.DataFrame:
    """Optuna's column names; params are what ran, fixed ones included."""
    rows = [_trial(row, results.metric) for row in results.trials]
    table = pd.DataFrame(rows, columns=None if rows else list(_trial(_EMPTY, results.metric)))
    return table.astype(dict.fromkeys(_WHOLE, "Int64"))


def _trial(row: TrialRow, metric: str) -> dict[str, Any]:
    duration = row.completed - row.started if row.completed and row.started else None
    return {
        "number": row.number,
        "value": row.value,
        "datetime_start": row.started,
        "datetime_complete": row.completed,
        "duration": None if duration is None else duration.total_seconds(),
        **{f"params_{name}": value for name, value in row.params.items()},
        f"user_attrs_train_{metric}": row.train_value,
        "user_attrs_gap": row.gap,
        "user_attrs_last_value": row.last_value,
        "user_attrs_epochs": row.n_epochs,
        "user_attrs_seed": row.seed,
        "user_attrs_n_weights": row.n_weights,
        "user_attrs_role": row.role,
        "user_attrs_worker": row.worker,
        "user_attrs_error": row.error,
        **{f"user_attrs_{name}": value for name, value in row.measured.items()},
        "state": row.state,
    }


def epochs_frame(results: Results) -> pd.DataFrame:
    """A row an epoch of a trial, with the rates that the places have learned by then.

    Where the metric is the loss, its columns are there once.
    """
    metric = results.metric
    columns = {"train_value": f"train_{metric}", "val_value": f"val_{metric}"}
    names = ["trial", "epoch", "train_loss", "val_loss", "train_value", "val_value"]
    rows = [
        {**asdict(row), **{f"rate_{place}": rate for place, rate in enumerate(row.rates)}}
        for row in results.epochs
    ]
    n_places = max((len(row.rates) for row in results.epochs), default=0)
    names += [f"rate_{place}" for place in range(n_places)]
    frame = pd.DataFrame(rows, columns=names).rename(columns=columns)
    return frame.loc[:, ~frame.columns.duplicated()]


def _uniform(table: pd.DataFrame) -> pd.DataFrame:
    """Parquet has one type a column: choices of mixed types become text."""
    mixed = [n for n in table if len({type(v) for v in table[n].dropna()}) > 1]
    return table.assign(**{str(n): table[n].map(str, na_action="ignore") for n in mixed})
