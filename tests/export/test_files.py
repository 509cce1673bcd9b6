"""A study as tables, and what it takes to repeat it."""

import csv
import json
import subprocess
import sys

import _drawn
import _made_studies
import pandas as pd
import pyarrow.parquet
import pytest
from _exported import read, study_of
from optuna.trial import TrialState, create_trial

from tuner.export.files import export, write_provenance, write_tables
from tuner.plots import DEFAULT
from tuner.study import reading

HISTORY = {
    "train_loss": [0.9, 0.7],
    "val_loss": [1.0, 0.8],
    "train_accuracy": [0.6, 2 / 3],
    "val_accuracy": [0.5, 1 / 3],
}


def trial(value=None, state=TrialState.COMPLETE, params=None, **attrs):
    params = {"variant": "standard", "rate": 1 / 3, "width": 64} if params is None else params
    return create_trial(state=state, value=value, user_attrs={"params": params} | attrs)


def a_study():
    attrs = {"history": HISTORY, "seed": 2**32 - 1, "n_weights": 90, "train_accuracy": 2 / 3}
    return read(
        trial(1 / 3, **attrs),
        trial(0.5, params={"variant": "none", "rate": 0.0, "width": 256}),
        trial(state=TrialState.FAIL, error="ValueError: no"),
        create_trial(state=TrialState.WAITING),
    )


def test_tables_are_written_in_three_formats(tmp_path):
    files = write_tables(a_study(), tmp_path / "out")
    expected = {f"{n}.{s}" for n in ("trials", "epochs") for s in ("csv", "json", "parquet")}
    assert {path.name for path in files} == expected
    assert all(path.stat().st_size for path in files)


def test_learned_rates_have_a_column_for_each_place_and_epoch(tmp_path):
    history = HISTORY | {"rate_0": [0.1, 0.2], "rate_1": [0.3, 0.4]}
    write_tables(read(trial(0.5, history=HISTORY), trial(0.6, history=history)), tmp_path)
    epochs = pd.read_csv(tmp_path / "epochs.csv")
    assert epochs["rate_1"].tolist()[2:] == [0.3, 0.4]
    assert epochs["rate_1"].isna().sum() == 2
    trials = pd.read_csv(tmp_path / "trials.csv")
    assert trials["user_attrs_rate_1"].tolist()[1] == 0.4


def test_columns_have_the_names_that_optuna_gives(tmp_path):
    study = study_of(trial(0.5, seed=1))
    write_tables(reading.read(study), tmp_path)
    columns = set(pd.read_csv(tmp_path / "trials.csv").columns)
    assert set(study.trials_dataframe().columns) - {"user_attrs_params"} <= columns
    assert {"params_variant", "params_rate", "params_width", "user_attrs_train_accuracy"} <= columns


def test_epochs_have_the_names_of_the_metric(tmp_path):
    write_tables(a_study(), tmp_path)
    columns = list(pd.read_csv(tmp_path / "epochs.csv").columns)
    assert columns == ["trial", "epoch", *HISTORY]


def test_epochs_that_are_judged_by_the_loss_have_its_columns_once(tmp_path):
    losses = {name: values for name, values in HISTORY.items() if name.endswith("loss")}
    write_tables(read(trial(0.8, history=losses), metric="loss"), tmp_path)
    assert list(pd.read_csv(tmp_path / "epochs.csv").columns) == ["trial", "epoch", *losses]
    rows = json.loads((tmp_path / "epochs.json").read_text())
    assert [row["val_loss"] for row in rows] == [1, 0.8]


def test_trials_have_a_row_each_with_state_and_error(tmp_path):
    write_tables(a_study(), tmp_path)
    table = pd.read_csv(tmp_path / "trials.csv")
    assert table["number"].tolist() == [0, 1, 2, 3]
    assert table["state"].tolist() == ["COMPLETE", "COMPLETE", "FAIL", "WAITING"]
    assert table["user_attrs_error"][2] == "ValueError: no"


def test_csv_has_the_numbers_of_parquet(tmp_path):
    write_tables(a_study(), tmp_path)
    for name in ("trials", "epochs"):
        csv = pd.read_csv(tmp_path / f"{name}.csv").select_dtypes("number")
        parquet = pd.read_parquet(tmp_path / f"{name}.parquet")[list(csv.columns)]
        pd.testing.assert_frame_equal(csv, parquet, check_dtype=False, check_exact=True)
        assert len(csv.columns) >= 5


def test_json_has_the_numbers_of_the_study(tmp_path):
    write_tables(a_study(), tmp_path)
    trials = json.loads((tmp_path / "trials.json").read_text(encoding="utf-8"))
    assert [trial["value"] for trial in trials] == pytest.approx([1 / 3, 0.5, None, None])
    assert trials[0]["user_attrs_seed"] == 2**32 - 1
    assert trials[2]["params_width"] == 64


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"], ids=repr)
def test_csv_quotes_what_a_spreadsheet_would_run(tmp_path, start):
    command = f"{start}cmd|' /C calc'!A0"
    write_tables(read(trial(state=TrialState.FAIL, error=command)), tmp_path)
    assert f"'{start}cmd".encode() in (tmp_path / "trials.csv").read_bytes()


def test_strange_names_and_texts_come_back_from_every_format(tmp_path):
    study = _made_studies.nasty()
    found = reading.read(study)
    write_tables(found, tmp_path)
    write_provenance(found, tmp_path)
    expected = [
        {f"params_{name}": value for name, value in row.params.items()} for row in found.trials
    ]
    assert f"params_{_made_studies.NASTY}" in expected[0]
    with (tmp_path / "trials.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, params in zip(rows, expected, strict=True):
        assert {name: row[name] for name in params} == {k: str(v) for k, v in params.items()}
    assert json.loads((tmp_path / "trials.json").read_text(encoding="utf-8"))[0].items() >= (
        {name: pytest.approx(value) for name, value in expected[0].items()}.items()
    )
    parquet = pyarrow.parquet.read_table(tmp_path / "trials.parquet").to_pylist()
    assert parquet[0].items() >= expected[0].items()
    assert parquet[-1]["user_attrs_error"] == _made_studies.NASTY + _made_studies.LONG
    environment = json.loads((tmp_path / "environment.json").read_text(encoding="utf-8"))
    assert environment["definition"]["data"] == f"{_made_studies.NASTY}.npz"


def test_csv_leaves_negative_numbers_as_numbers(tmp_path):
    write_tables(read(trial(-0.5)), tmp_path)
    assert pd.read_csv(tmp_path / "trials.csv")["value"].tolist() == [-0.5]


def test_parquet_keeps_text_as_it_is(tmp_path):
    write_tables(read(trial(state=TrialState.FAIL, error="=cmd")), tmp_path)
    assert pd.read_parquet(tmp_path / "trials.parquet")["user_attrs_error"][0] == "=cmd"


def test_study_without_a_trial_has_empty_tables(tmp_path):
    write_tables(read(), tmp_path)
    assert len(pd.read_parquet(tmp_path / "trials.parquet")) == 0
    assert len(pd.read_csv(tmp_path / "epochs.csv")) == 0


def test_choices_of_mixed_types_are_written(tmp_path):
    params = ({"variant": "none", "rate": 0.0, "units": units} for units in (64, "auto"))
    write_tables(read(*(trial(0.5, params=each) for each in params)), tmp_path)
    assert pd.read_csv(tmp_path / "trials.csv")["params_units"].tolist() == ["64", "auto"]


@pytest.mark.slow
def test_export_writes_tables_provenance_and_plots(tmp_path):
    files, left_out = export(_drawn.a_study(), tmp_path)
    assert [path.name for path in files[:8:3]] == ["trials.csv", "epochs.csv", "environment.json"]
    assert {path.name for path in files[8:]} >= {"cost.png", "cost.svg"}
    assert all(path.stat().st_size for path in files)
    left_out = [line.partition(":")[0] for line in left_out]
    assert {path.stem for path in files[8:]} | set(left_out) == set(DEFAULT)


@pytest.mark.slow
def test_warm_up_loads_what_writes_every_format_and_no_tensorflow():
    script = """
import sys
from tuner.export import files
libraries = ("matplotlib.backends.backend_svg", "PIL.PngImagePlugin", "pyarrow.parquet")
before = [name in sys.modules for name in libraries]
files.warm_up()
print(all(before), all(name in sys.modules for name in libraries), "tensorflow" in sys.modules)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == ["False", "True", "False"]
